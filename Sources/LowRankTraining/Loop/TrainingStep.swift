import LowRankCheckpoints

/// What one step of a run did.
public struct TrainingStep: Hashable, Sendable {
  /// The number of the step, from 1.
  public let number: Int
  /// The mean loss of a trained token, in nats, before the step.
  public let loss: Double
  /// What the adapter's method adds to the loss, before the step; nil where it adds nothing.
  public let penalty: Double?
  /// The trained tokens.
  public let tokens: Int
  /// The real tokens that the model was given.
  public let inputTokens: Int
  /// How well preferred answers are told from others, before the step; nil for other objectives.
  public let preferences: PreferenceMeasures?
  /// The learning rate.
  public let learningRate: Double
  /// The norm of the mean gradient before clipping.
  public let gradientNorm: Double
  /// How long it took.
  public let seconds: Double
  /// The rank of each module by path after the step; nil where ranks do not move.
  public let ranks: [String: Int]?

  /// The ranks of all modules together; nil where they do not move.
  public var totalRank: Int? { ranks.map { $0.values.reduce(0, +) } }

  /// The step as a line of `metrics.jsonl`.
  public var json: JSONObject {
    var json: JSONObject = [
      "step": .integer(number), "loss": .double(loss), "tokens": .integer(tokens),
      "input_tokens": .integer(inputTokens), "learning_rate": .double(learningRate),
      "gradient_norm": .double(gradientNorm), "seconds": .double(seconds),
    ]
    if let penalty { json["penalty"] = .double(penalty) }
    if let totalRank { json["total_rank"] = .integer(totalRank) }
    for (key, value) in preferences?.json.entries ?? [] where value != .null { json[key] = value }
    return json
  }
}
