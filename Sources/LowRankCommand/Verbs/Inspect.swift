import ArgumentParser
import Foundation
import LowRank

/// `lowrank inspect`: what a folder holds.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a model folder, an adapter folder or a safetensors file holds.")

  @Argument(
    help:
      "A model or an adapter, by its folder or its name on the hub, or a .safetensors file. (required)"
  )
  var path: String?

  @Flag(help: "List every tensor.")
  var tensors = false

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  @OptionGroup var console: ConsoleOptions

  func run() throws {
    guard let path else { throw UsageError("give a folder or a .safetensors file") }
    let url = try Located.either(path)
    let object: JSONObject
    if path.hasSuffix(".safetensors") {
      object = try file(url)
    } else if FileManager.default.fileExists(
      atPath: url.appending(path: "adapter_config.json").path)
    {
      object = try adapter(url)
    } else {
      object = try model(url)
    }
    guard !json else { return try Console.result(object) }
    for (key, value) in object.entries where key != "tensors" {
      try Console.result(
        "\(key.replacing("_", with: " ")): \(value.string ?? value.text())".printable
          .wrapped(to: Terminal.resultColumns))
    }
    let listed = (object["tensors"]?.array ?? []).map { tensor in
      let fields = tensor.object
      return [
        fields?["name"]?.string ?? "", fields?["type"]?.string ?? "",
        fields?["shape"]?.text() ?? "",
      ]
    }
    guard !listed.isEmpty else { return }
    try Console.result(TextTable(rows: listed, right: [1, 2]).text)
  }

  private func model(_ url: URL) throws -> JSONObject {
    let folder = try ModelFolder(at: url)
    let model = try Model(from: url, precision: .float32, engine: CPUEngine())
    var object: JSONObject = [
      "kind": "model", "architecture": .string(model.architecture.className),
      "parameters": .integer(model.parameterCount), "bytes": .integer(folder.byteCount),
      "vocabulary": .integer(model.architecture.vocabularySize),
      "positions": .integer(model.architecture.positions),
      "fingerprint": .string(try folder.fingerprint().description),
      "modules": .array(model.architecture.linearNames.map { .string($0) }),
    ]
    if tensors { object["tensors"] = Self.list(folder.tensors) }
    return object
  }

  private func adapter(_ url: URL) throws -> JSONObject {
    let folder = try AdapterFolder(at: url)
    let configuration = try AdapterConfiguration(peft: folder.config)
    let count = folder.file.tensors.reduce(0) { $0 + $1.shape.count }
    var object: JSONObject = [
      "kind": "adapter", "method": .string(configuration.method.name),
      "rank": .integer(configuration.ranks.rank), "alpha": .double(configuration.ranks.alpha),
      "rank_stabilized": .bool(configuration.ranks.isRankStabilized),
      "target_modules": folder.config["target_modules"] ?? .null,
      "parameters": .integer(count), "tensor_count": .integer(folder.file.tensors.count),
      "base": folder.config["base_model_name_or_path"] ?? .null,
    ]
    for key in ["modules_to_save", "trainable_token_indices"] {
      if let value = folder.config[key], value != .null { object[key] = value }
    }
    let others = folder.wholeTensors.map { JSONValue.string($0.name.text) }
    if !others.isEmpty { object["other_tensors"] = .array(others) }
    if let task = folder.task {
      for key in [
        "task", "text_columns", "label_column", "id2label", "text_column", "prompt_column",
        "completion_column",
      ] { object[key] = task[key] }
    }
    if tensors { object["tensors"] = Self.list(folder.file.tensors) }
    return object
  }

  private func file(_ url: URL) throws -> JSONObject {
    let file = try SafetensorsFile(at: url)
    return [
      "kind": "safetensors", "tensor_count": .integer(file.tensors.count),
      "metadata": .object(file.metadata), "tensors": Self.list(file.tensors),
    ]
  }

  private static func list(_ tensors: [StoredTensor]) -> JSONValue {
    .array(
      tensors.map { tensor in
        [
          "name": .string(tensor.name.text), "type": .string(tensor.type.rawValue),
          "shape": .array(tensor.shape.extents.map { .integer($0) }),
        ]
      })
  }
}
