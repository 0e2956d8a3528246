/// How far a loader has come; the next batch of a resumed run begins there.
public struct LoaderPosition: Hashable, Sendable, Codable {
  /// The number of epochs that are over.
  public var epoch: Int
  /// The number of examples of the current epoch that have been handed out.
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
  public let set: any TrainingSet
  /// The examples that are handed out at a time, over all processes.
  public let batchSize: Int
  /// Where the next batch begins.
  public private(set) var position: LoaderPosition

  fileprivate let seed: UInt64?
  private var order: [Int]

  /// A loader over a set.
  ///
  /// Every process of a run hands out the same batches; how they share one is another matter.
  /// - Parameters:
  ///   - seed: what the orders are derived from; none for the order of the file in each epoch.
  ///   - position: where to begin, as a loader of the same set and seed reported it.
  /// - Throws: `DataError` where the set has no such position.
  public init(
    _ set: any TrainingSet, batchSize: Int, seed: UInt64?,
    from position: LoaderPosition = LoaderPosition()
  ) throws(DataError) {
    precondition(batchSize > 0, "a batch of \(batchSize) examples")
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
    self.position = position
    self.seed = seed
    order = epochOrder(count: set.count, epoch: position.epoch, seed: seed)
  }

  /// The number of batches in an epoch.
  public var batchesPerEpoch: Int {
    (set.count + batchSize - 1) / batchSize
  }

  /// The next batch.
  public mutating func next() -> any LearningBatch { set.batch(at: nextExamples()) }

  /// The indices of the examples of the next step, as `accumulation` batches, or fewer at the end of an epoch.
  ///
  /// No step contains an example twice or extends into the next epoch, as in transformers' `Trainer`.
  package mutating func nextStep(of accumulation: Int) -> [[Int]] {
    let epoch = position.epoch
    var batches: [[Int]] = []
    repeat {
      batches.append(nextExamples())
    } while batches.count < accumulation
      && position.epoch == epoch
    return batches
  }

  /// The steps per epoch, of `accumulation` batches each; the last step has the batches that remain.
  public func stepsPerEpoch(accumulation: Int) -> Int {
    Self.stepsPerEpoch(examples: set.count, batchSize: batchSize, accumulation: accumulation)
  }

  /// The steps per epoch: ⌈⌈examples / batchSize⌉ / accumulation⌉.
  public static func stepsPerEpoch(examples: Int, batchSize: Int, accumulation: Int) -> Int {
    let batches = (examples + batchSize - 1) / batchSize
    return (batches + accumulation - 1) / accumulation
  }

  /// The mean number of examples per step, over the first steps of a run.
  func meanExamples(ofSteps steps: Int, accumulation: Int) -> Double {
    guard steps > 0 else { return 0 }
    let perEpoch = stepsPerEpoch(accumulation: accumulation)
    let (epochs, rest) = steps.quotientAndRemainder(dividingBy: perEpoch)
    let last = min(set.count, rest * min(batchSize, set.count) * accumulation)
    return (Double(epochs) * Double(set.count) + Double(last)) / Double(steps)
  }

  /// The numbers of the examples of the next batch.
  private mutating func nextExamples() -> [Int] {
    let examples = Array(order[position.index...].prefix(batchSize))
    position.index += examples.count
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
    try Loader(set, batchSize: batchSize, seed: seed, from: position)
  }
}
