import Foundation
import LowRank

/// What the best evaluation so far judged, by one metric.
struct BestValues {
  private let metric: Metric
  private(set) var step = 0
  /// How many evaluations there were since the best one.
  private(set) var evaluationsWithoutGain = 0
  private var value = Double.nan
  private var values: TrainedValues?

  /// Nothing yet, or what an interrupted run had found: its lines say how good, `kept` opens what it kept.
  init(_ metric: Metric, resuming metrics: MetricsLog, kept: () throws -> TrainedValues?) rethrows {
    self.metric = metric
    let key = "valid_\(metric.rawValue)"
    for line in metrics {
      guard let found = line[key]?.double, let step = line["step"]?.integer else { continue }
      if self.step == 0 || metric.isBetter(found, than: value) {
        (value, self.step, evaluationsWithoutGain) = (found, step, 0)
      } else {
        evaluationsWithoutGain += 1
      }
    }
    if step > 0 { values = try kept() }
  }

  /// Takes values if they are better than those before; of equal ones the first are kept.
  mutating func offer(_ values: TrainedValues, at step: Int, _ result: EvaluationResult) {
    let found = result.value(metric)
    guard self.values == nil || metric.isBetter(found, than: value) else {
      evaluationsWithoutGain += 1
      return
    }
    (self.values, self.step, value, evaluationsWithoutGain) = (values, step, found, 0)
  }

  /// The best ones; those given where none were evaluated yet.
  func chosen(_ current: TrainedValues) -> TrainedValues { values ?? current }

  /// The metric's name for people.
  var name: String { metric.rawValue.replacing("_", with: " ") }

  /// What is to be said where earlier values than the last ones are kept.
  ///
  /// - Parameter noun: what is trained.
  func sentence(after steps: Int, noun: String) -> String? {
    guard step > 0, step < steps else { return nil }
    return String(
      format: "kept: the %@ of step %d, whose %@ of %.4f is the best", noun, step, name, value)
  }
}
