import Foundation
import LowRank

/// What the lines of a run's metrics say of it altogether.
struct TrainingSummary {
  /// The mean loss of a trained token, or row, over the last tenth of the steps.
  let loss: Double
  /// The real tokens of a second of training steps.
  let tokensPerSecond: Double
  /// What the evaluation of the adapter that is kept found, by name; empty where there was none.
  let evaluation: JSONObject

  /// - Parameter kept: the step whose adapter is kept; the last one where nil.
  init(_ metrics: [JSONObject], keeping kept: Int? = nil) {
    let steps = metrics.filter { $0["loss"] != nil }
    let closing = steps.suffix(max(1, steps.count / 10))
    func total(_ key: String, _ lines: some Swift.Sequence<JSONObject>) -> Double {
      lines.reduce(0) { $0 + ($1[key]?.double ?? 0) }
    }
    loss =
      closing.reduce(0) { $0 + ($1["loss"]?.double ?? 0) * ($1["tokens"]?.double ?? 0) }
      / max(1, total("tokens", closing))
    tokensPerSecond = total("input_tokens", steps) / max(1e-9, total("seconds", steps))
    let last = kept ?? metrics.last { $0["valid_loss"] != nil }?["step"]?.integer
    evaluation = last.map { Self.evaluation(at: $0, in: metrics) } ?? [:]
  }

  /// What the evaluation after a step found, by name.
  static func evaluation(at step: Int, in metrics: [JSONObject]) -> JSONObject {
    let line = metrics.last { $0["valid_loss"] != nil && $0["step"]?.integer == step } ?? [:]
    var found = JSONObject()
    for (key, value) in line.entries where key.hasPrefix("valid_") { found[key] = value }
    return found
  }

  /// The same for people.
  var text: String {
    var parts = [String(format: "training loss %.4f over the last tenth", loss)]
    for (key, value) in evaluation.entries {
      guard let value = value.double else { continue }
      let name = key.dropFirst("valid_".count).replacing("_", with: " ")
      parts.append("validation \(name) " + String(format: "%.4f", value))
    }
    parts.append(String(format: "%.0f tokens/s", tokensPerSecond))
    return parts.joined(separator: ", ")
  }

  /// The fields of the JSON of `train`.
  var json: JSONObject {
    var json: JSONObject = ["train_loss": .double(loss), "valid_loss": .null]
    for (key, value) in evaluation.entries { json[key] = value }
    json["tokens_per_second"] = .double(tokensPerSecond)
    return json
  }
}
