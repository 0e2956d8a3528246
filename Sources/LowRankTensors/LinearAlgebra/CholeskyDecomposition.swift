import CLAPACK

/// The triangular factor of a symmetric positive definite matrix, `C = RᵀR`, in double precision.
///
/// It whitens as eigenvectors do: `R⁻ᵀ x` of vectors x with covariance C has covariance I, and `C^{−½} = Qᵀ R⁻ᵀ = R⁻¹ Q` for
/// an orthogonal Q.
public struct CholeskyDecomposition: Sendable {
  /// R, upper triangular with a positive diagonal.
  public let r: HostMatrix<Double>

  /// Decomposes a matrix of which the upper triangle is read; nil where it is singular to the given precision.
  ///
  /// - Parameter precision: the least ratio of squared entries of R's diagonal, which lie between the extreme eigenvalues.
  /// - Throws: `LinearAlgebraError` where the matrix is not finite.
  public init?(_ matrix: HostMatrix<Double>, precision: Double = 1e-10) throws(LinearAlgebraError) {
    precondition(
      matrix.rows == matrix.columns, "\(matrix.rows) × \(matrix.columns) is not symmetric")
    try LinearAlgebraLibrary.check()
    try matrix.requireFinite(for: "Cholesky decomposition")
    guard let r = GramTriangle.cholesky(matrix) else { return nil }
    let diagonal = (0..<r.rows).map { r[$0, $0] * r[$0, $0] }
    guard let least = diagonal.min(), let largest = diagonal.max(), least > precision * largest
    else { return nil }
    self.r = r
  }

  /// `R⁻ᵀ X`, or `R⁻¹ X`.
  public func solve(_ right: HostMatrix<Double>, transposed: Bool) -> HostMatrix<Double> {
    precondition(right.rows == r.rows, "\(r.rows) rows, not \(right.rows)")
    var solution = right
    let (size, sides) = (Int32(r.rows), Int32(right.columns))
    guard sides > 0 else { return solution }
    cblas_dtrsm(
      CblasRowMajor, CblasLeft, CblasUpper, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit,
      size, sides, 1, r.elements, size, &solution.elements, sides)
    return solution
  }
}
