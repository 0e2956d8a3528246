/// All examples of a set once, in the order of the file, for evaluation; of several processes each takes every so many-th batch.
public struct SequentialBatches<Examples: TrainingSet>: Sequence, IteratorProtocol, Sendable {
  private let examples: Examples
  private let batchSize: Int
  private let stride: Int
  private let atOnce: Int
  /// Where the batch begins that is being handed out.
  private var batch: Int
  /// The parts of it that were handed out.
  private var part = 0

  /// Batches of `batchSize` examples, the last of which may be smaller, of which this process takes its part.
  ///
  /// - Parameter atOnce: the most examples that are handed out together; nil for all of a batch.
  public init(
    _ set: Examples, batchSize: Int, rank: Int = 0, world: Int = 1, atOnce: Int? = nil
  ) {
    precondition(batchSize > 0, "a batch of \(batchSize) examples")
    examples = set
    self.batchSize = batchSize
    self.atOnce = Swift.max(1, Swift.min(atOnce ?? batchSize, batchSize))
    stride = batchSize * world
    batch = batchSize * rank
  }

  /// The next batch, or the next part of one; none after the last.
  public mutating func next() -> Examples.Batch? {
    guard batch < examples.count else { return nil }
    let count = Swift.min(batchSize, examples.count - batch)
    // Of like sizes, as the parts of a step are.
    let parts = (count + atOnce - 1) / atOnce
    let range = batch + count * part / parts..<batch + count * (part + 1) / parts
    part += 1
    if part == parts { (batch, part) = (batch + stride, 0) }
    return examples.batch(at: Array(range))
  }
}
