import Foundation

/// A value of a metric at a step.
public struct MetricPoint: Hashable, Sendable {
  /// The point's place among all of its run, counted from 1 in the order of recording.
  public let row: Int64
  /// The step of training.
  public let step: Int
  /// The metric: `loss`, `learning_rate`, `update_norm/<module path>`, ….
  public let name: String
  /// The value; NaN and infinities are kept as such.
  public let value: Double
  /// When it was recorded.
  public let time: Date
}
