import Foundation
import LowRank
import LowRankSessions

/// What `train --dry-run` says of a run.
struct PlanReport {
  private let forecast: RunForecast

  init(_ forecast: RunForecast) { self.forecast = forecast }

  /// For people.
  var text: String {
    let memory = forecast.plan.memory.parts.filter { $0.bytes > 0 }.map { name, bytes in
      "  \(name.padding(toLength: 12, withPad: " ", startingAt: 0))\(Self.size(bytes))"
    }
    let atOnce = forecast.plan.examplesAtOnce.map {
      "\n\($0 == 1 ? "1 row is" : "\($0) rows are") computed at once to keep to the limit"
    }
    return """
      \(forecast.trained) parameters trained of \(forecast.base)
      \(forecast.steps) step\(forecast.steps == 1 ? "" : "s") of \(Int(forecast.plan.tokensPerStep.rounded())) tokens, \(forecast.stepsPerEpoch) an epoch, \
      \(String(format: "%.2f", forecast.plan.secondsPerStep)) s each: about \(ProgressLine.clock(forecast.seconds)) \
      (h:mm:ss), \(String(format: "%.0f", forecast.plan.tokensPerStep / forecast.plan.secondsPerStep)) tokens/s
      memory\(forecast.processes > 1 ? " of each of \(forecast.processes) processes" : ""), at its peak, measured on the largest batches: \(Self.size(forecast.plan.memory.total))
      """ + "\n" + memory.joined(separator: "\n") + (atOnce ?? "") + limit
  }

  /// The smallest limit that changes nothing, where there is none: it is larger than the peak.
  private var limit: String {
    forecast.isLimited
      ? ""
      : """

      --memory-limit \(forecast.plan.leastLimit / 1_000_000)MB or more keeps all rows at once; a limit leaves a margin of 2 % and 4 MB \
      beyond the peak
      """
  }

  /// For programs.
  var json: JSONObject {
    var memory = JSONObject()
    for (name, bytes) in forecast.plan.memory.parts { memory[name] = .integer(bytes) }
    memory["total"] = .integer(forecast.plan.memory.total)
    return [
      "dry_run": true, "trainable_parameters": .integer(forecast.trained),
      "base_parameters": .integer(forecast.base),
      "steps": .integer(forecast.steps), "steps_per_epoch": .integer(forecast.stepsPerEpoch),
      "tokens_per_step": .double(forecast.plan.tokensPerStep),
      "step_seconds": .double(forecast.plan.secondsPerStep),
      "expected_seconds": .double(forecast.seconds),
      "rows_at_once": forecast.plan.examplesAtOnce.map { .integer($0) } ?? .null,
      "evaluated_at_once": forecast.plan.evaluatedAtOnce.map { .integer($0) } ?? .null,
      "memory_bytes": .object(memory),
      "least_memory_limit_bytes": .integer(forecast.plan.leastLimit),
    ]
  }

  private static func size(_ bytes: Int) -> String {
    String(format: "%7.1f MB", Double(bytes) / 1e6)
  }
}
