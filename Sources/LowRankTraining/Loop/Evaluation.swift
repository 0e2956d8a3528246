import Foundation
import LowRankTensors
import LowRankTransformers

/// How well a model predicts the learnt tokens of a set of examples.
public struct Evaluation: Hashable, Sendable {
  /// The mean loss of a token, in nats.
  public let loss: Double
  /// The tokens predicted.
  public let tokens: Int

  /// e to the mean loss.
  public var perplexity: Double { exp(loss) }

  /// Predicts every learnt token of a set once, without dropout.
  public init(
    _ model: Model, adapters: AdapterSelection = .none, on set: ExampleSet, batchSize: Int = 8
  ) {
    var sum = 0.0
    var tokens = 0
    for batch in SequentialBatches(set, batchSize: batchSize) where !batch.labels.isEmpty {
      let losses = model.architecture.losses(
        model.engine.tensor(batch.ids, [batch.ids.count]), rows: batch.labelRows,
        labels: batch.labels, model.pass(batch.rows, adapters: adapters))
      sum += model.engine.floats(losses).reduce(0) { $0 + Double($1) }
      tokens += batch.labels.count
    }
    self.loss = sum / Double(tokens)
    self.tokens = tokens
  }

  /// Evaluates what a run has reached so far.
  public init(_ training: Training, on set: ExampleSet, batchSize: Int = 8) {
    self.init(
      training.model, adapters: training.trainee.selection, on: set, batchSize: batchSize)
  }
}
