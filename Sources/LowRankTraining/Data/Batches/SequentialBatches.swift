/// All examples of a set once, in the order of the file, for evaluation; of several processes each takes every so many-th batch.
public struct SequentialBatches<Examples: LearningSet>: Sequence, IteratorProtocol, Sendable {
  private let examples: Examples
  private let batchSize: Int
  private let stride: Int
  private var position: Int

  /// Batches of `batchSize` examples, the last of which may be smaller, of which this process takes its part.
  public init(_ set: Examples, batchSize: Int, rank: Int = 0, world: Int = 1) {
    precondition(batchSize > 0, "a batch of \(batchSize) examples")
    examples = set
    self.batchSize = batchSize
    stride = batchSize * world
    position = batchSize * rank
  }

  /// The next batch; none after the last.
  public mutating func next() -> Examples.Batch? {
    guard position < examples.count else { return nil }
    let end = Swift.min(position + batchSize, examples.count)
    defer { position += stride }
    return examples.batch(at: Array(position..<end))
  }
}
