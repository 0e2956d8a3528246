/// How far a loader has come; the next batch of a resumed run begins there.
public struct LoaderPosition: Hashable, Sendable, Codable {
  /// The number of epochs that are over.
  public var epoch: Int
  /// The number of examples of the current epoch that have been handed out, over all processes.
  public var index: Int

  /// A position; the beginning by default.
  public init(epoch: Int = 0, index: Int = 0) {
    self.epoch = epoch
    self.index = index
  }
}

/// Hands out batches, epoch after epoch without end, each epoch in an order of its own.
///
/// A batch never reaches into the next epoch: the last one of an epoch may be smaller.
public struct Loader: Sendable {
  /// The examples.
  public let set: any LearningSet
  /// The examples that each process is given at a time.
  public let batchSize: Int
  /// The number of this process among all.
  public let rank: Int
  /// The number of processes.
  public let world: Int
  /// Where the next batch begins.
  public private(set) var position: LoaderPosition

  fileprivate let seed: UInt64?
  private var order: [Int]

  /// A loader over a set.
  ///
  /// Of each `batchSize · world` examples in the order of the epoch every process takes its own part,
  /// so that together they hand out each example once; the last batch of an epoch is shared out as
  /// evenly as it can be and is empty for some where there are fewer examples than processes.
  /// - Parameters:
  ///   - seed: what the orders are derived from; none for the order of the file in each epoch.
  ///   - position: where to begin, as a loader of the same set and seed reported it.
  /// - Throws: `DataError` where the set has no such position.
  public init(
    _ set: any LearningSet, batchSize: Int, seed: UInt64?, rank: Int = 0, world: Int = 1,
    from position: LoaderPosition = LoaderPosition()
  ) throws(DataError) {
    precondition(batchSize > 0, "a batch of \(batchSize) examples")
    precondition((0..<world).contains(rank), "process \(rank) of \(world)")
    guard position.epoch >= 0, (0..<set.count).contains(position.index) else {
      throw DataError(
        set.source,
        """
        the run to continue stood at example \(position.index), but there are \
        \(set.count); continue with the data it began with
        """)
    }
    self.set = set
    self.batchSize = batchSize
    self.rank = rank
    self.world = world
    self.position = position
    self.seed = seed
    order = epochOrder(count: set.count, epoch: position.epoch, seed: seed)
  }

  /// The number of batches in an epoch.
  public var batchesPerEpoch: Int {
    (set.count + batchSize * world - 1) / (batchSize * world)
  }

  /// The next batch of this process.
  public mutating func next() -> any LearningBatch { set.batch(at: nextExamples()) }

  /// The numbers of the examples of the next batch of this process.
  mutating func nextExamples() -> [Int] {
    let whole = order[position.index...].prefix(batchSize * world)
    let own = whole.startIndex + whole.count * rank / world
    let end = whole.startIndex + whole.count * (rank + 1) / world
    let examples = Array(whole[own..<end])
    position.index += whole.count
    if position.index == order.count {
      position = LoaderPosition(epoch: position.epoch + 1)
      order = epochOrder(count: order.count, epoch: position.epoch, seed: seed)
    }
    return examples
  }
}

extension Loader {
  /// The same loader at another position.
  ///
  /// - Throws: `DataError` where the set has no such position.
  func continued(from position: LoaderPosition) throws(DataError) -> Loader {
    try Loader(set, batchSize: batchSize, seed: seed, rank: rank, world: world, from: position)
  }
}
