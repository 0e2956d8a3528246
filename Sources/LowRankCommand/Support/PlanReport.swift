import Foundation
import LowRank

/// What `train --dry-run` says of a run.
struct PlanReport {
  /// The plan.
  let plan: RunPlan
  /// The numbers that are trained.
  let trained: Int
  /// The numbers of the base.
  let base: Int
  /// The steps of the run.
  let steps: Int
  /// The steps per epoch.
  let stepsPerEpoch: Int
  /// The processes of the run, to each of which the memory goes.
  let processes: Int
  /// Whether the run keeps to a limit.
  let isLimited: Bool

  /// The whole run, in seconds.
  private var seconds: Double { plan.secondsPerStep * Double(steps) }

  /// For people.
  var text: String {
    let memory = plan.memory.parts.filter { $0.bytes > 0 }.map { name, bytes in
      "  \(name.padding(toLength: 12, withPad: " ", startingAt: 0))\(Self.size(bytes))"
    }
    let atOnce = plan.examplesAtOnce.map {
      "\n\($0 == 1 ? "1 row is" : "\($0) rows are") computed at once to keep to the limit"
    }
    return """
      \(trained) parameters trained of \(base)
      \(steps) step\(steps == 1 ? "" : "s") of \(Int(plan.tokensPerStep.rounded())) tokens, \(stepsPerEpoch) an epoch, \
      \(String(format: "%.2f", plan.secondsPerStep)) s each: about \(ProgressLine.clock(seconds)) \
      (h:mm:ss), \(String(format: "%.0f", plan.tokensPerStep / plan.secondsPerStep)) tokens/s
      memory\(processes > 1 ? " of each of \(processes) processes" : ""), at its peak, measured on the largest batches: \(Self.size(plan.memory.total))
      """ + "\n" + memory.joined(separator: "\n") + (atOnce ?? "") + limit
  }

  /// The smallest limit that changes nothing, where there is none: it is larger than the peak.
  private var limit: String {
    isLimited
      ? ""
      : """

      --memory-limit \(plan.leastLimit / 1_000_000)MB or more keeps all rows at once; a limit leaves a margin of 2 % and 4 MB \
      beyond the peak
      """
  }

  /// For programs.
  var json: JSONObject {
    var memory = JSONObject()
    for (name, bytes) in plan.memory.parts { memory[name] = .integer(bytes) }
    memory["total"] = .integer(plan.memory.total)
    return [
      "dry_run": true, "trainable_parameters": .integer(trained), "base_parameters": .integer(base),
      "steps": .integer(steps), "steps_per_epoch": .integer(stepsPerEpoch),
      "tokens_per_step": .double(plan.tokensPerStep),
      "step_seconds": .double(plan.secondsPerStep), "expected_seconds": .double(seconds),
      "rows_at_once": plan.examplesAtOnce.map { .integer($0) } ?? .null,
      "evaluated_at_once": plan.evaluatedAtOnce.map { .integer($0) } ?? .null,
      "memory_bytes": .object(memory), "least_memory_limit_bytes": .integer(plan.leastLimit),
    ]
  }

  private static func size(_ bytes: Int) -> String {
    String(format: "%7.1f MB", Double(bytes) / 1e6)
  }
}
