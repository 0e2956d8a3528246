import Foundation
import LowRank

/// The adapter of the best evaluation so far, judged by one metric.
struct BestAdapter {
  private let metric: Metric
  private(set) var step = 0
  /// How many evaluations there were since the best one.
  private(set) var evaluationsWithoutGain = 0
  private var value = Double.nan
  private var adapter: Adapter?

  /// Nothing yet, or what an interrupted run had found: its lines say how good, its folder holds the adapter.
  init(_ metric: Metric, resuming metrics: MetricsLog, in folder: URL?, on base: Model) throws {
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
    if step > 0, let folder { adapter = try Adapter(from: folder, on: base) }
  }

  /// Takes an adapter if it is better than those before; of equal ones the first is kept.
  mutating func offer(_ adapter: Adapter, at step: Int, _ result: TaskResult) {
    let found = result.value(metric)
    guard self.adapter == nil || metric.isBetter(found, than: value) else {
      evaluationsWithoutGain += 1
      return
    }
    (self.adapter, self.step, value, evaluationsWithoutGain) = (adapter, step, found, 0)
  }

  /// The best one; the one given where none was evaluated yet.
  func chosen(_ current: Adapter) -> Adapter { adapter ?? current }

  /// The metric's name for people.
  var name: String { metric.rawValue.replacing("_", with: " ") }

  /// What is to be said where an earlier adapter than the last one is kept.
  func sentence(after steps: Int) -> String? {
    guard step > 0, step < steps else { return nil }
    return String(
      format: "kept: the adapter of step %d, whose %@ of %.4f is the best", step,
      name, value)
  }
}
