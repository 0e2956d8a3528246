import LowRankTraining

/// What a compressed adapter must still reach.
public struct QualityBound: Hashable, Sendable {
  /// What is looked at.
  public let metric: Metric
  /// The worst value that is accepted.
  public let limit: Double

  /// A bound on the loss.
  public static func loss(atMost limit: Double) -> QualityBound {
    QualityBound(metric: .loss, limit: limit)
  }

  /// A bound on a metric.
  public init(metric: Metric, limit: Double) {
    self.metric = metric
    self.limit = limit
  }

  /// Whether a quality is good enough; nothing is that is not defined.
  public func holds(for quality: Quality) -> Bool {
    let value = quality.value(metric)
    return metric.isBetterHigher ? value >= limit : value <= limit
  }
}
