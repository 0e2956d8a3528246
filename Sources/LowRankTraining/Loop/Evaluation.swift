import Foundation
import LowRankProgress
import LowRankTensors
import LowRankTransformers

/// How well a model predicts the trained tokens of a set of examples.
public struct Evaluation: Hashable, Sendable {
  /// The mean loss of a token, in nats.
  public private(set) var loss: Double
  /// The tokens predicted.
  public private(set) var tokens: Int

  /// The examples that are evaluated at once unless the caller says otherwise.
  public static let batchSize = 8

  /// e to the mean loss.
  public var perplexity: Double { exp(loss) }

  /// Predicts every trained token of a set once, without dropout.
  public init(
    _ model: Model, adapters: AdapterSelection = .none, on set: ExampleSet,
    batchSize: Int = Self.batchSize
  ) {
    self.init()
    let work = Work("evaluating \(set.source)", of: set.count)
    defer { work.end() }
    for batch in SequentialBatches(set, batchSize: batchSize) {
      add(batch, model, adapters)
      work.advance(by: batch.sources.count)
    }
    loss /= Double(tokens)
  }

  /// Evaluates what a run has reached so far, in this process alone.
  public init(_ training: Training, on set: ExampleSet, batchSize: Int = Self.batchSize) {
    self.init(
      training.model, adapters: training.trainable.selection, on: set, batchSize: batchSize)
  }

  /// Evaluates what a run has reached so far, each process on its part; nil where that was interrupted between two batches.
  ///
  /// - Throws: what the run's reducer throws.
  public init?(
    _ training: Training, on set: ExampleSet, batchSize: Int = Self.batchSize,
    until isInterrupted: () -> Bool
  ) throws {
    self.init()
    let reducer = training.reducer
    var isStopped = false
    let work = Work("evaluating \(set.source)", of: set.count)
    defer { work.end() }
    for batch in SequentialBatches(
      set, batchSize: batchSize, rank: reducer.rank, world: reducer.world,
      atOnce: training.evaluatedAtOnce)
    {
      isStopped = isInterrupted()
      guard !isStopped else { break }
      add(batch, training.model, training.trainable.selection)
      work.advance(by: batch.sources.count * reducer.world)
    }
    var sums = [loss, Double(tokens), isStopped ? 1 : 0]
    try reducer.sum(&sums)
    guard sums[2] == 0 else { return nil }
    (loss, tokens) = (sums[0] / sums[1], Int(sums[1]))
  }

  private init() { (loss, tokens) = (0, 0) }

  /// Adds up the losses of a batch.
  private mutating func add(_ batch: Batch, _ model: Model, _ adapters: AdapterSelection) {
    guard !batch.labels.isEmpty else { return }
    let losses = batch.losses(of: model, model.pass(batch.rows, adapters: adapters))
    loss += model.engine.floats(losses).reduce(0) { $0 + Double($1) }
    tokens += batch.labels.count
  }
}
