import LowRank

/// What an evaluation found.
public struct EvaluationResult: Sendable {
  /// The mean loss.
  public let loss: Double
  /// Metrics beside the loss, by name.
  public let metrics: JSONObject
  /// The same for people.
  public let sentence: String

  /// The value of a metric; not a number where it is not defined.
  public func value(_ metric: Metric) -> Double {
    metric == .loss ? loss : metrics[metric.rawValue]?.double ?? .nan
  }
}
