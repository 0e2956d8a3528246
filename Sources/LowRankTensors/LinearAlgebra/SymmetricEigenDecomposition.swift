/// The eigenvalues and eigenvectors of a symmetric matrix, `A = V · diag(values) · Vᵀ`.
public struct SymmetricEigenDecomposition<Scalar: LinearAlgebraScalar>: Sendable {
  /// The eigenvalues, largest first.
  public let values: [Scalar]
  /// The eigenvectors as columns, in the order of the values.
  public let vectors: HostMatrix<Scalar>

  /// Decomposes a symmetric matrix, of which one triangle is read.
  ///
  /// - Throws: `LinearAlgebraError` where the matrix is not finite or LAPACK does not converge.
  public init(_ matrix: HostMatrix<Scalar>) throws(LinearAlgebraError) {
    try LinearAlgebraLibrary.check()
    try self.init(unchecked: matrix)
  }

  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  init(unchecked matrix: HostMatrix<Scalar>) throws(LinearAlgebraError) {
    let size = matrix.rows
    precondition(matrix.columns == size, "\(size) × \(matrix.columns) is not symmetric")
    try matrix.requireFinite(for: "eigendecomposition")
    var values = [Scalar](repeating: 0, count: size)
    var a = matrix.elements
    if size > 0 {
      guard Scalar.syevd(Int32(size), &a, &values) == 0 else {
        throw .notConverged(operation: "eigendecomposition", rows: size, columns: size)
      }
    }
    // LAPACK's columns are our rows, and its order is ascending.
    var vectors = HostMatrix<Scalar>(zeros: size, size)
    for row in 0..<size {
      for column in 0..<size { vectors[column, size - 1 - row] = a[row * size + column] }
    }
    self.values = values.reversed()
    self.vectors = vectors
  }
}
