import Foundation
import LowRank
import LowRankSessions

/// What to train with, and why.
public struct Advice: Sendable {
  /// The settings of the run.
  public internal(set) var settings: RunSettings
  /// Whether a packed base is advised: a GGUF file of the model instead of its folder.
  public internal(set) var isPacked = false
  /// Each choice with its reason.
  public internal(set) var reasons: [AdviceReason] = []
  /// The expected time of the run.
  public internal(set) var seconds = 0.0
  /// The expected peak of memory.
  public internal(set) var bytes = 0
  /// The rows of a step.
  var batch: Int { settings.steps.batchSize * settings.steps.gradAccumulation }

  init(_ settings: RunSettings) { self.settings = settings }

  /// The advice as JSON.
  public var json: JSONObject {
    let adapter = settings.adapter
    return [
      "target": .string(adapter.target ?? "qv"), "rank": .integer(adapter.rank ?? 8),
      "alpha": .double(adapter.alpha ?? Double(2 * (adapter.rank ?? 8))),
      "learning_rate": .double(settings.steps.learningRate), "batch_size": .integer(batch),
      "epochs": settings.steps.epochs.map { .double($0) } ?? .null,
      "iters": settings.steps.iters.map { .integer($0) } ?? .null,
      "method": .string(adapter.method?.description ?? "lora"), "quantize": .bool(isPacked),
      "reasons": .array(
        reasons.map {
          [
            "choice": .string($0.choice), "reason": .string($0.reason),
            "source": .string($0.source),
          ]
        }),
      "seconds": .double(seconds), "bytes": .integer(bytes), "yaml": .string(yaml),
    ]
  }

  /// The run as a file for `lowrank train -c`.
  public var yaml: String {
    let order = [
      "model", "data", "adapter_path", "task", "target", "rank", "alpha", "learning_rate",
      "batch_size", "grad_accumulation", "epochs", "iters",
    ]
    let json = settings.json
    let keys = order.filter { json[$0] != nil } + json.keys.filter { !order.contains($0) }
    return keys.compactMap { key in
      json[key].map { "\(key): \(Self.text($0))\n" }
    }.joined()
  }

  /// A value as YAML: texts between quotes, lists and mappings in one line.
  private static func text(_ value: JSONValue) -> String {
    if let items = value.array { return "[" + items.map(text).joined(separator: ", ") + "]" }
    if let choice = MethodChoice(value) { return "\"\(choice.description)\"" }
    guard let text = value.string else { return value.text() }
    let isPlain = text.wholeMatch(of: /[A-Za-z\/._][A-Za-z0-9\/._=-]*/) != nil
    let isWord = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
      .contains(text.lowercased())
    return isPlain && !isWord ? text : JSONValue.string(text).text()
  }
}
