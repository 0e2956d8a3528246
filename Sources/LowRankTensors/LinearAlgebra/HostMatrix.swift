/// A matrix of plain numbers, row by row, for factorisations outside the training step.
public struct HostMatrix<Scalar: LinearAlgebraScalar>: Hashable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The numbers, row by row.
  public var elements: [Scalar]

  /// A matrix of the given numbers, row by row.
  public init(_ elements: [Scalar], rows: Int, columns: Int) {
    precondition(
      rows >= 0 && columns >= 0 && elements.count == rows * columns,
      "\(elements.count) numbers for \(rows) × \(columns)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// A matrix of zeros.
  public init(zeros rows: Int, _ columns: Int) {
    self.init([Scalar](repeating: 0, count: rows * columns), rows: rows, columns: columns)
  }

  /// One number.
  @inlinable
  public subscript(row: Int, column: Int) -> Scalar {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// The matrix with rows and columns exchanged.
  public var transposed: HostMatrix {
    @_specialize(where Scalar == Double)
    @_specialize(where Scalar == Float)
    get {
      var result = HostMatrix(zeros: columns, rows)
      for row in 0..<rows {
        for column in 0..<columns { result[column, row] = self[row, column] }
      }
      return result
    }
  }

  /// The given columns, copied.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func columns(_ range: Range<Int>) -> HostMatrix {
    precondition(range.upperBound <= columns, "columns \(range) of \(rows) × \(columns)")
    var part: [Scalar] = []
    part.reserveCapacity(rows * range.count)
    for row in 0..<rows {
      part += elements[row * columns + range.lowerBound..<row * columns + range.upperBound]
    }
    return HostMatrix(part, rows: rows, columns: range.count)
  }

  /// The given rows, copied.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func rows(_ range: Range<Int>) -> HostMatrix {
    precondition(range.upperBound <= rows, "rows \(range) of \(rows) × \(columns)")
    let part = elements[range.lowerBound * columns..<range.upperBound * columns]
    return HostMatrix(Array(part), rows: range.count, columns: columns)
  }

  /// The product `self · other`.
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Float)
  public func multiplied(by other: HostMatrix) -> HostMatrix {
    precondition(
      columns == other.rows, "\(rows) × \(columns) times \(other.rows) × \(other.columns)")
    var result = HostMatrix(zeros: rows, other.columns)
    guard rows > 0 && columns > 0 && other.columns > 0 else { return result }
    Scalar.multiply(self, other, into: &result)
    return result
  }

  /// Throws where a number is NaN or infinite: LAPACK may not come back from those.
  func requireFinite(for operation: String) throws(LinearAlgebraError) {
    guard elements.allSatisfy({ $0.isFinite }) else {
      throw .notFinite(operation: operation, rows: rows, columns: columns)
    }
  }
}
