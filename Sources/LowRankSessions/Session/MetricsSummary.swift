import Foundation
import LowRank

/// What the lines of a run's metrics say of it altogether.
struct MetricsSummary {
  /// The mean loss of a trained token, or row, over the last tenth of the steps.
  let loss: Double
  /// The real tokens of a second of training steps.
  let tokensPerSecond: Double
  /// What the evaluation of the adapter that is kept found, by name; empty where there was none.
  let evaluation: JSONObject

  /// - Parameter kept: the step whose adapter is kept; the last one where nil.
  init(_ metrics: MetricsLog, keeping kept: Int? = nil) {
    var (steps, inputTokens, seconds) = (0, 0.0, 0.0)
    var lastEvaluated: Int?
    for line in metrics {
      if line["valid_loss"] != nil { lastEvaluated = line["step"]?.integer }
      guard line["loss"] != nil else { continue }
      steps += 1
      inputTokens += line["input_tokens"]?.double ?? 0
      seconds += line["seconds"]?.double ?? 0
    }
    var (skipped, losses, tokens) = (steps - max(1, steps / 10), 0.0, 0.0)
    for line in metrics where line["loss"] != nil {
      skipped -= 1
      guard skipped < 0 else { continue }
      let count = line["tokens"]?.double ?? 0
      losses += (line["loss"]?.double ?? 0) * count
      tokens += count
    }
    loss = losses / max(1, tokens)
    tokensPerSecond = inputTokens / max(1e-9, seconds)
    evaluation = (kept ?? lastEvaluated).map { Self.evaluation(at: $0, in: metrics) } ?? [:]
  }

  /// What the evaluation after a step found, by name.
  static func evaluation(at step: Int, in metrics: MetricsLog) -> JSONObject {
    var found = JSONObject()
    for line in metrics where line["valid_loss"] != nil && line["step"]?.integer == step {
      found = JSONObject()
      for (key, value) in line.entries where key.hasPrefix("valid_") { found[key] = value }
    }
    return found
  }
}
