import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// What `train` and `pretrain` say of a run at its end.
struct TrainingReport {
  let summary: RunSummary
  /// What is trained.
  let subject: RunSettings.Subject
  /// The folder as it was given.
  let path: String
  /// What pruning made of the adapter, where that was asked for.
  let compressed: CompressedRun?

  /// Writes the report, as JSON on standard output or as a line for people.
  func write(asJSON: Bool) throws {
    if let compressed { Console.write(compressed.text) }
    guard asJSON else { return Console.write(text) }
    try Console.result(json)
  }

  private var text: String {
    var parts = [String(format: "training loss %.4f over the last tenth", summary.trainingLoss)]
    for (key, value) in summary.evaluation.entries {
      guard let value = value.double else { continue }
      let name = key.dropFirst("valid_".count).replacing("_", with: " ")
      parts.append("validation \(name) " + String(format: "%.4f", value))
    }
    parts.append(String(format: "%.0f tokens/s", summary.tokensPerSecond))
    parts.append(String(format: "%.2f GB", Double(summary.peakMemory) / 1e9))
    return "\(path): \(counted(summary.steps, "step")), " + parts.joined(separator: ", ")
  }

  private var json: JSONObject {
    let isAdapter = subject == .adapter
    var json: JSONObject = [
      subject.rawValue: .string(path), "steps": .integer(summary.steps),
      isAdapter ? "trainable_parameters" : "parameters": .integer(summary.trainableParameters),
      "train_loss": .double(summary.trainingLoss), "valid_loss": .null,
    ]
    for (key, value) in summary.evaluation.entries { json[key] = value }
    json["tokens_per_second"] = .double(summary.tokensPerSecond)
    json["peak_memory_bytes"] = .integer(summary.peakMemory)
    if let planned = summary.plannedMemory { json["planned_memory_bytes"] = .integer(planned) }
    if let limit = summary.memoryLimit { json["memory_limit_bytes"] = .integer(limit) }
    if summary.processes > 1 { json["processes"] = .integer(summary.processes) }
    if let step = summary.bestStep { json["best_step"] = .integer(step) }
    if let compressed { json["compressed"] = .object(compressed.json) }
    return json
  }
}
