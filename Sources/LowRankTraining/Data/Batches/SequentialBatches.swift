/// All examples of a set once, in the order of the file, for evaluation.
public struct SequentialBatches<Examples: LearningSet>: Sequence, IteratorProtocol, Sendable {
  private let examples: Examples
  private let batchSize: Int
  private var position = 0

  /// Batches of `batchSize` examples, the last of which may be smaller.
  public init(_ set: Examples, batchSize: Int) {
    precondition(batchSize > 0, "a batch of \(batchSize) examples")
    examples = set
    self.batchSize = batchSize
  }

  /// The next batch; none after the last.
  public mutating func next() -> Examples.Batch? {
    guard position < examples.count else { return nil }
    let end = Swift.min(position + batchSize, examples.count)
    defer { position = end }
    return examples.batch(at: Array(position..<end))
  }
}
