import LowRankTensors

/// Rows of a table that an adapter trains, and that stand in the place of the table's own.
public struct OwnRows: Hashable, Sendable {
  /// The numbers of the rows, each once.
  public let numbers: [Int32]
  /// Their values, `[numbers, columns]`.
  public let rows: Parameter

  /// Rows of a table.
  public init(_ numbers: [Int32], _ rows: Parameter) {
    precondition(numbers.count == rows.shape[0], "\(numbers.count) numbers for \(rows)")
    self.numbers = numbers
    self.rows = rows
  }
}
