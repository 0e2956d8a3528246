/// The triangular factor of a thin QR decomposition, for matrices far taller than wide.
///
/// `A = Q R` without Q: blocks of rows are decomposed one after the other, each below the triangle of those before it
/// (Demmel and others, arXiv 0808.2664), so that a block stays in the cache. `AᵀA = RᵀR`; the signs of R's rows are not
/// determined.
public struct TriangularFactor<Scalar: LinearAlgebraScalar>: Sendable {
  /// Upper triangular, `[min(rows seen, columns), columns]`.
  public private(set) var r: HostMatrix<Scalar>

  /// The factor of a matrix of no rows.
  public init(columns: Int) { r = HostMatrix(zeros: 0, columns) }

  /// The factor of a whole matrix, in blocks of rows.
  ///
  /// - Throws: `LinearAlgebraError` where the matrix is not finite.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public init(_ matrix: HostMatrix<Scalar>, blockRows: Int = 512) throws(LinearAlgebraError) {
    self.init(columns: matrix.columns)
    var start = 0
    while start < matrix.rows {
      let end = min(start + max(blockRows, matrix.columns), matrix.rows)
      try append(matrix.rows(start..<end))
      start = end
    }
  }

  /// Adds rows below those seen so far.
  ///
  /// - Throws: `LinearAlgebraError` where they are not finite.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public mutating func append(_ rows: HostMatrix<Scalar>) throws(LinearAlgebraError) {
    precondition(rows.columns == r.columns, "\(rows.columns) columns below \(r.columns)")
    try rows.requireFinite(for: "QR decomposition")
    let height = r.rows + rows.rows
    let count = min(height, r.columns)
    guard count > 0 else { return }
    // LAPACK sees the transpose, L Q with L = Rᵀ.
    var packed = r.elements + rows.elements
    var tau = [Scalar](repeating: 0, count: count)
    let status = Scalar.gelqf(Int32(r.columns), Int32(height), &packed, &tau)
    precondition(status == 0, "LAPACK refused a QR of \(height) × \(r.columns): \(status)")
    var result = HostMatrix<Scalar>(zeros: count, r.columns)
    for row in 0..<count {
      for column in row..<r.columns { result[row, column] = packed[row * r.columns + column] }
    }
    r = result
  }
}
