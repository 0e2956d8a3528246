import Foundation
import LowRank
import LowRankConsole
import LowRankExperiments
import LowRankSessions

/// What `lowrank experiment` prints for people.
enum ExperimentText {
  /// A run that ended.
  static func line(_ record: RunRecord) -> String {
    if let failure = record.failure { return "\(record.name): failed: \(failure)" }
    let metrics = record.valid.sorted { $0.key < $1.key }
      .map { "\($0.key) " + String(format: "%.4f", $0.value) }
    return "\(record.name): validation \(metrics.joined(separator: ", ")), "
      + String(format: "%.1f s", record.seconds)
  }

  /// The runs of a dry run, and how long they take.
  static func runs(of forecast: ExperimentForecast) -> String {
    let rows = forecast.runs.map { run in
      [
        run.name, "\(run.parameters)", "\(run.steps)", String(format: "%.1f", run.seconds),
      ]
    }
    return TextTable(
      ["run", "parameters", "steps", "seconds"], right: [1, 2, 3], rows: rows
    ).text
      + String(
        format: "\n%d runs, about %.2f hours", forecast.runs.count, forecast.seconds / 3600)
  }

  /// The comparison of variants.
  static func summary(of results: ExperimentResults) -> String {
    let metric = results.plan.metrics[0].rawValue
    let place = results.isHeldOut ? "held-out" : "validation"
    let header = [
      "variant", "parameters", "best rate", "\(place) \(metric)", "spread", "difference",
      "95 % interval", "p (Holm)", "steps to baseline", "forgetting",
    ]
    let rows = results.summary.map { variant in
      [
        variant.variant, "\(variant.parameters)",
        variant.bestRate.map { "\($0)" + (variant.isAtEdge ? " *" : "") } ?? "none",
        number(variant.values.mean), number(variant.values.deviation),
        number(variant.difference?.mean),
        interval(variant.difference),
        number(variant.correctedProbability),
        variant.stepsToBaseline.map(String.init) ?? "never", number(variant.forgetting.mean),
      ]
    }
    var lines = [
      TextTable(header, right: Set(1..<header.count), rows: rows).text
    ]
    if results.summary.contains(where: \.isAtEdge) {
      lines.append("* at the end of the grid: a better rate may lie beyond")
    }
    if let significance = significance(of: results) { lines.append(significance) }
    for run in results.runs where run.failure != nil {
      lines.append("failed: \(run.name): \(run.failure ?? "")")
    }
    return lines.joined(separator: "\n")
  }

  /// Which variants differ from the baseline, as far as the seeds say; nil where nothing is compared.
  private static func significance(of results: ExperimentResults) -> String? {
    let compared = results.summary.dropFirst()
    guard !compared.isEmpty else { return nil }
    let baseline = results.summary.first?.variant ?? ""
    guard compared.contains(where: { $0.isSignificant != nil }) else {
      return results.plan.seeds.count < 2
        ? "one seed has no interval and no p: whether a difference is more than chance takes two seeds or more, as vary: {seed: [0, 1, 2]}"
        : "no interval and no p: fewer than two runs of a variant and of \(baseline) with the same seed were trained to their end"
    }
    let differing = compared.filter { $0.isSignificant == true }.map(\.variant)
    return differing.isEmpty
      ? "no variant differs from \(baseline) significantly (5 %, after Holm's correction)"
      : "different from \(baseline) at 5 % after Holm's correction: \(differing.joined(separator: "; "))"
  }

  /// An interval; empty where it is not known.
  private static func interval(_ difference: PairedDifference?) -> String {
    guard let difference, difference.low.isFinite, difference.high.isFinite else { return "" }
    return "[\(number(difference.low)), \(number(difference.high))]"
  }

  private static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "" }
    return String(format: "%.4f", value)
  }
}
