/// The largest singular values of a matrix with their vectors, exact for small matrices and randomised for large ones.
///
/// The randomised range finder multiplies by a Gaussian matrix of `count + oversampling` columns and iterates on `AᵀA` with
/// a QR at every step, so that errors fall with `(σ_{l+1}/σ_k)^{2q+1}`. Halko, Martinsson and Tropp, Finding structure with
/// randomness, SIAM Review 53(2), 2011, algorithm 4.4.
public struct LeadingSingularVectors<Scalar: LinearAlgebraScalar>: Sendable {
  /// The left singular vectors as columns, `[rows, count]`.
  public let left: HostMatrix<Scalar>
  /// The singular values, largest first.
  public let values: [Scalar]
  /// The right singular vectors as rows, `[count, columns]`.
  public let right: HostMatrix<Scalar>

  /// Finds the `count` largest, or all where the matrix has fewer.
  ///
  /// - Parameters:
  ///   - exactBelow: matrices whose smaller extent is at most this are decomposed whole.
  ///   - iterations: the power iterations.
  ///   - seed: the seed of the Gaussian matrix.
  /// - Throws: `LinearAlgebraError` where the matrix is not finite or LAPACK does not converge.
  public init(
    _ count: Int, of matrix: HostMatrix<Scalar>, exactBelow: Int = 256, oversampling: Int = 16,
    iterations: Int = 4, seed: UInt64 = 0
  ) throws(LinearAlgebraError) {
    let smaller = min(matrix.rows, matrix.columns)
    let count = min(count, smaller)
    let width = count + oversampling
    let svd: SingularValueDecomposition<Scalar>
    let basis: HostMatrix<Scalar>?
    if smaller <= exactBelow || width >= smaller {
      (svd, basis) = (try SingularValueDecomposition(matrix), nil)
    } else {
      try matrix.requireFinite(for: "singular value decomposition")
      var random = Philox(key: seed)
      let start = HostMatrix(
        (0..<matrix.columns * width).map { _ in Scalar(random.normal()) }, rows: matrix.columns,
        columns: width)
      let transposed = matrix.transposed
      var range = try QRDecomposition(matrix.multiplied(by: start)).q
      for _ in 0..<iterations {
        let back = try QRDecomposition(transposed.multiplied(by: range)).q
        range = try QRDecomposition(matrix.multiplied(by: back)).q
      }
      basis = range
      svd = try SingularValueDecomposition(range.transposed.multiplied(by: matrix))
    }
    let left = svd.left.columns(0..<count)
    self.left = basis?.multiplied(by: left) ?? left
    values = Array(svd.values.prefix(count))
    right = svd.right.rows(0..<count)
  }
}
