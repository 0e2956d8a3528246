import LowRankTensors

/// Rows of an embedding or head that an adapter trains, and that replace those of the base.
public struct OwnRows: Hashable, Sendable {
  /// The row indices, each once.
  public let numbers: [Int32]
  /// The rows, `[numbers, columns]`.
  public let rows: Parameter

  /// Creates rows that replace those of the base.
  public init(_ numbers: [Int32], _ rows: Parameter) {
    precondition(numbers.count == rows.shape[0], "\(numbers.count) numbers for \(rows)")
    self.numbers = numbers
    self.rows = rows
  }
}
