/// The thin QR decomposition `A = Q R`.
public struct QRDecomposition<Scalar: LinearAlgebraScalar>: Sendable {
  /// Orthonormal columns, `[rows, min(rows, columns)]`.
  public let q: HostMatrix<Scalar>
  /// Upper triangular, `[min(rows, columns), columns]`.
  public let r: HostMatrix<Scalar>

  /// Decomposes a matrix, of any shape; signs are Householder's, as in LAPACK.
  ///
  /// - Throws: `LinearAlgebraError` where the matrix is not finite.
  public init(_ matrix: HostMatrix<Scalar>) throws(LinearAlgebraError) {
    try LinearAlgebraLibrary.check()
    try self.init(unchecked: matrix)
  }

  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  init(unchecked matrix: HostMatrix<Scalar>) throws(LinearAlgebraError) {
    try matrix.requireFinite(for: "QR decomposition")
    let (rows, columns) = (matrix.rows, matrix.columns)
    let count = min(rows, columns)
    var r = HostMatrix<Scalar>(zeros: count, columns)
    guard count > 0 else {
      (q, self.r) = (HostMatrix(zeros: rows, count), r)
      return
    }
    // LAPACK sees Aᵀ = L Qᵀ with L = Rᵀ.
    var packed = matrix.elements
    var tau = [Scalar](repeating: 0, count: count)
    var status = Scalar.gelqf(Int32(columns), Int32(rows), &packed, &tau)
    for row in 0..<count {
      for column in row..<columns { r[row, column] = packed[row * columns + column] }
    }
    if status == 0 {
      status = Scalar.orglq(Int32(count), Int32(rows), &packed, Int32(columns), tau)
    }
    precondition(status == 0, "LAPACK refused a QR of \(rows) × \(columns): \(status)")
    q = HostMatrix(packed, rows: rows, columns: columns).columns(0..<count)
    self.r = r
  }
}
