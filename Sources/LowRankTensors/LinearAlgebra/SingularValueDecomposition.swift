/// The thin singular value decomposition `A = U · diag(values) · Vᵀ`.
public struct SingularValueDecomposition<Scalar: LinearAlgebraScalar>: Sendable {
  /// The left singular vectors as columns, `[rows, min(rows, columns)]`.
  public let left: HostMatrix<Scalar>
  /// The singular values, largest first.
  public let values: [Scalar]
  /// The right singular vectors as rows, `[min(rows, columns), columns]`.
  public let right: HostMatrix<Scalar>

  /// Decomposes a matrix, of any shape.
  ///
  /// - Throws: `LinearAlgebraError` where the matrix is not finite or LAPACK does not converge.
  public init(_ matrix: HostMatrix<Scalar>) throws(LinearAlgebraError) {
    try LinearAlgebraLibrary.check()
    try self.init(unchecked: matrix)
  }

  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  init(unchecked matrix: HostMatrix<Scalar>) throws(LinearAlgebraError) {
    try matrix.requireFinite(for: "singular value decomposition")
    let (rows, columns) = (matrix.rows, matrix.columns)
    let count = min(rows, columns)
    var values = [Scalar](repeating: 0, count: count)
    var left = HostMatrix<Scalar>(zeros: rows, count)
    var right = HostMatrix<Scalar>(zeros: count, columns)
    if count > 0 {
      // LAPACK sees Aᵀ = V S Uᵀ: its left vectors are our right ones.
      let (m, n) = (Int32(columns), Int32(rows))
      var a = matrix.elements
      var status = Scalar.gesdd(m, n, &a, &values, &right.elements, &left.elements)
      if status > 0 {
        a = matrix.elements
        status = Scalar.gesvd(m, n, &a, &values, &right.elements, &left.elements)
      }
      guard status == 0 else {
        throw .notConverged(
          operation: "singular value decomposition", rows: rows, columns: columns)
      }
    }
    (self.left, self.values, self.right) = (left, values, right)
  }
}
