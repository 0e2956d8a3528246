import LowRank
import LowRankRuns

/// The evaluation of what a run kept, as the store has it: the best one by the metric that the run judged by.
enum KeptEvaluation {
  /// What that evaluation found, by name; nil where a run keeps its last step, or was not evaluated.
  ///
  /// - Throws: `RunStoreError`.
  static func points(of run: Run, in store: RunStore) throws -> [String: MetricPoint]? {
    guard
      let metric = run.configuration.object?["metric"]?.string.flatMap(Metric.init(rawValue:))
    else { return nil }
    let points = try evaluations(of: run, in: store)
    var best: MetricPoint?
    for point in points where point.name == "valid_\(metric.rawValue)" {
      // Of equal ones the first is kept.
      if best.map({ metric.isBetter(point.value, than: $0.value) }) ?? true { best = point }
    }
    guard let best else { return nil }
    return points.filter { $0.step == best.step }
      .reduce(into: [:]) { $0[$1.name] = $1 }
  }

  /// What evaluations found up to a step, with those of the runs that this one continues.
  private static func evaluations(
    of run: Run, in store: RunStore, upTo last: Int = .max
  ) throws -> [MetricPoint] {
    var points: [MetricPoint] = []
    // A run continues an older one, which has a smaller number.
    if let id = run.facts.continues, id < run.id, let older = try store.run(id) {
      points = try evaluations(of: older, in: store, upTo: min(last, run.facts.firstStep))
    }
    let names = try store.names(of: run.id).filter { $0.hasPrefix("valid_") }
    return points + (try store.points(of: run.id, names: names)).filter { $0.step <= last }
  }
}
