import LowRankTensors
import LowRankTransformers

/// The examples of one file, of whatever task.
public protocol TrainingSet: Sendable {
  /// What a batch of them is.
  associatedtype Batch: LearningBatch
  /// Where they come from, for messages.
  var source: String { get }
  /// How many there are.
  var count: Int { get }
  /// What tells one set of examples from another.
  var fingerprint: String { get }
  /// The rows of an example in the file, counted from 1.
  func rows(of example: Int) -> [Int]
  /// The tokens of an example that the model is given.
  func inputTokens(of example: Int) -> Int
  /// The sequences of an example, each of which sees itself alone.
  func sequences(of example: Int) -> Int
  /// The examples of the given numbers, in that order.
  func batch(at sources: [Int]) -> Batch
  /// The examples of the given numbers, which are a part of a micro-batch whose other examples their losses depend on.
  func batch(at sources: [Int], of microbatch: [Int]) -> Batch
  /// Reports rows that could not be read when a batch of them was made, whose numbers then make no sense.
  ///
  /// - Throws: `DataError`.
  func checkRead() throws(DataError)
  /// How many sums over a whole micro-batch its losses depend on; see ``LearningBatch/sharedSums(of:_:)``.
  var sharedCount: Int { get }
}

/// Some examples laid end to end, without padding, and what is to be trained of them.
public protocol LearningBatch: Sendable {
  /// The rows of each example.
  var rows: PackedRows { get }
  /// The token of each row.
  var ids: [Int32] { get }
  /// Which examples they are, by their number in the set.
  var sources: [Int] { get }
  /// The rows whose next token is trained, in order; nil where the loss is not of single rows.
  var trainedRows: [Int32]? { get }
  /// How many losses there are, over which the mean is taken.
  var lossCount: Int { get }
  /// The losses that are to become small, f32 `[lossCount]`.
  func losses(of model: Model, _ pass: Pass) -> Tensor
  /// The losses with what else is known of the batch by then.
  ///
  /// - Parameter shared: the sums over the whole micro-batch; empty where there are none, or they are not known.
  func result(of model: Model, _ pass: Pass, shared: [Double]) -> BatchResult
  /// What this part of a micro-batch adds to the sums that all its losses depend on, worked out before any of them.
  func sharedSums(of model: Model, _ adapters: AdapterSelection) -> [Double]
}

/// The losses of a batch, and what they say beside.
public struct BatchResult: Sendable {
  /// The losses that are to become small, f32.
  public let losses: Tensor
  /// How well preferred answers are told from others; nil for other objectives.
  public let preferences: PreferenceMeasures?

  /// Losses, of preferences with their measures.
  public init(losses: Tensor, preferences: PreferenceMeasures? = nil) {
    (self.losses, self.preferences) = (losses, preferences)
  }
}

extension TrainingSet {
  /// One, as most sets have it.
  public func sequences(of example: Int) -> Int { 1 }

  /// The examples alone, whose losses depend on no others.
  public func batch(at sources: [Int], of microbatch: [Int]) -> Batch { batch(at: sources) }

  /// All rows are in memory.
  public func checkRead() throws(DataError) {}

  /// None.
  public var sharedCount: Int { 0 }
}

extension LearningBatch {
  /// The loss is of whole sequences.
  public var trainedRows: [Int32]? { nil }

  /// The losses alone.
  public func result(of model: Model, _ pass: Pass, shared: [Double]) -> BatchResult {
    BatchResult(losses: losses(of: model, pass))
  }

  /// None.
  public func sharedSums(of model: Model, _ adapters: AdapterSelection) -> [Double] { [] }

  /// The real tokens that the model is given: the number of rows.
  public var inputTokens: Int { ids.count }
}

extension ExampleSet: TrainingSet {
  public var count: Int { examples.count }
  public func rows(of example: Int) -> [Int] { [rowNumbers[example]] }
  public func inputTokens(of example: Int) -> Int { max(0, examples[example].ids.count - 1) }
  public func batch(at sources: [Int]) -> Batch { Batch(examples, at: sources) }
}

extension Batch: LearningBatch {
  public var lossCount: Int { labels.count }
  public var trainedRows: [Int32]? { labelRows }

  public func losses(of model: Model, _ pass: Pass) -> Tensor {
    model.causal.losses(
      model.engine.tensor(ids, [ids.count]), rows: labelRows, labels: labels, pass)
  }
}
