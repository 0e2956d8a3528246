import LowRankCheckpoints

/// What one step of a run did.
public struct TrainingStep: Hashable, Sendable {
  /// The number of the step, from 1.
  public let number: Int
  /// The mean loss of a trained token, in nats, before the step.
  public let loss: Double
  /// The trained tokens.
  public let tokens: Int
  /// The real tokens that the model was given.
  public let inputTokens: Int
  /// The learning rate.
  public let learningRate: Double
  /// The norm of the mean gradient before clipping.
  public let gradientNorm: Double
  /// How long it took.
  public let seconds: Double

  /// The step as a line of `metrics.jsonl`.
  public var json: JSONObject {
    [
      "step": .integer(number), "loss": .double(loss), "tokens": .integer(tokens),
      "input_tokens": .integer(inputTokens), "learning_rate": .double(learningRate),
      "gradient_norm": .double(gradientNorm), "seconds": .double(seconds),
    ]
  }
}
