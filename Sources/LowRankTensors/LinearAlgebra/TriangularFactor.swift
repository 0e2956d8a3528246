/// The triangular factor of a thin QR decomposition, for matrices far taller than wide.
///
/// It is R of `A = Q R`, so that `AᵀA = RᵀR`; the signs of R's rows are not determined. If columns are far from
/// dependent, R comes from the Cholesky decomposition of `AᵀA`; see `GramTriangle`. Otherwise Householder reflections
/// decompose blocks of rows one after the other, each below the triangle of the previous ones (Demmel and others,
/// arXiv 0808.2664).
public struct TriangularFactor<Scalar: LinearAlgebraScalar>: Sendable {
  /// Upper triangular, `[min(rows seen, columns), columns]`.
  public private(set) var r: HostMatrix<Scalar>

  /// The factor of a matrix of no rows.
  public init(columns: Int) { r = HostMatrix(zeros: 0, columns) }

  /// The factor of a whole matrix, in blocks of rows.
  ///
  /// - Throws: `LinearAlgebraError` where the matrix is not finite.
  public init(_ matrix: HostMatrix<Scalar>, blockRows: Int = 512) throws(LinearAlgebraError) {
    try LinearAlgebraLibrary.check()
    try self.init(unchecked: matrix, blockRows: blockRows)
  }

  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  init(unchecked matrix: HostMatrix<Scalar>, blockRows: Int = 512) throws(LinearAlgebraError) {
    self.init(columns: matrix.columns)
    if let fast = Self.byCholesky(matrix) {
      r = fast
      return
    }
    var start = 0
    while start < matrix.rows {
      let end = min(start + max(blockRows, matrix.columns), matrix.rows)
      try appendUnchecked(matrix.rows(start..<end))
      start = end
    }
  }

  /// Adds rows below those seen so far.
  ///
  /// - Throws: `LinearAlgebraError` where they are not finite.
  public mutating func append(_ rows: HostMatrix<Scalar>) throws(LinearAlgebraError) {
    try LinearAlgebraLibrary.check()
    try appendUnchecked(rows)
  }

  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  private mutating func appendUnchecked(_ rows: HostMatrix<Scalar>) throws(LinearAlgebraError) {
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

extension TriangularFactor {
  /// The factor of a tall matrix in double precision; nil for other matrices, and for those that need reflections.
  private static func byCholesky(_ matrix: HostMatrix<Scalar>) -> HostMatrix<Scalar>? {
    guard matrix.columns > 0, matrix.rows >= 2 * matrix.columns,
      let doubles = matrix as? HostMatrix<Double>
    else { return nil }
    let columns = doubles.columns
    let tall = TallMatrix(rows: doubles.rows, columns: columns, isTransposed: false) {
      rows, block in
      doubles.elements.withUnsafeBufferPointer { elements in
        guard let first = elements.baseAddress else { return }
        block.update(from: first + rows.lowerBound * columns, count: rows.count * columns)
      }
    }
    return GramTriangle.factor(tall) as? HostMatrix<Scalar>
  }
}

extension TriangularFactor<Double> {
  /// The factor of a single-precision matrix, or of its transpose, in double precision, without a copy of its size.
  ///
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  package init(
    of matrix: HostMatrix<Float>, transposed isTransposed: Bool
  ) throws(LinearAlgebraError) {
    try LinearAlgebraLibrary.check()
    let (rows, columns) =
      isTransposed ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
    if columns > 0, rows >= 2 * columns {
      let tall = TallMatrix(rows: rows, columns: columns, isTransposed: isTransposed) {
        matrix.widen($0, ofColumns: isTransposed, into: $1)
      }
      if let fast = GramTriangle.factor(tall) {
        self.init(columns: columns)
        r = fast
        return
      }
    }
    let doubles = HostMatrix<Double>(widening: matrix)
    try self.init(unchecked: isTransposed ? doubles.transposed : doubles)
  }
}
