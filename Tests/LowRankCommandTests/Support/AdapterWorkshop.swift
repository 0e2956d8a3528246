import Foundation
import LowRank
import LowRankTesting

/// A workshop with an adapter that knows its base, and whatever is done to it.
struct AdapterWorkshop {
  let workshop: Workshop
  var adapter: URL { workshop.place("adapter") }
  var config: URL { adapter.appending(path: "adapter_config.json") }
  var weights: URL { adapter.appending(path: "adapter_model.safetensors") }
  var model: URL { workshop.model }

  init() throws {
    workshop = try Workshop()
    let base = try Model(from: workshop.model, precision: .float32, engine: CPUEngine())
    let adapter = try Adapter(
      on: base, targets: .named("q_proj", "v_proj"),
      update: .lora(rank: 2, alpha: 2, start: NonzeroStart()))
    try adapter.save(to: self.adapter.path)
  }

  /// Asks for logits, which runs every check.
  func score(_ more: String...) throws -> Lowrank {
    try Lowrank(
      [
        "score", "--model", model.path, "--adapter", adapter.path, "--ids", "1,2,3", "--precision",
        "f32",
      ]
        + more)
  }

  /// Gives entries of the configuration other values, as JSON text.
  func configure(_ entries: [String: String]) throws {
    var object = try JSONFile(at: config).object
    for (key, text) in entries { object[key] = try JSONValue(parsing: text, from: "a test") }
    try JSONValue.object(object).write(to: config)
  }

  /// Writes the tensors anew, renamed, changed or left out, and others beside them.
  func rewrite(
    keepingFacts: Bool = true, note: String? = nil, adding extra: [TensorSource] = [],
    _ change: (TensorName, Shape, [Float]) -> (String, Shape, [Float])?
  ) throws {
    let file = try SafetensorsFile(at: weights)
    let sources = try file.tensors.compactMap { tensor in
      change(tensor.name, tensor.shape, try tensor.floats()).map { name, shape, values in
        TensorSource(TensorName(name), shape, floats: values)
      }
    }
    let other = workshop.place("rewritten")
    var metadata: JSONObject = keepingFacts ? file.metadata : ["format": "pt"]
    if let note { metadata["lowrank"] = .string(note) }
    try SafetensorsFile.write(sources + extra, metadata: metadata, to: other)
    try FileManager.default.removeItem(at: weights)
    try FileManager.default.moveItem(at: other, to: weights)
  }

  /// Has the adapter not know which base it was trained on, as those of PEFT.
  func forgetBase() throws {
    try rewrite(keepingFacts: false) { ($0.text, $1, $2) }
  }

  /// Puts another model of the same shapes in the place of the base.
  func exchangeBase() throws {
    let base = try ModelFolder(at: model)
    let sources = try base.tensors.map { tensor in
      let numbers = try tensor.floats().map { $0 * 1.01 }
      return TensorSource(tensor.name, tensor.shape, floats: numbers)
    }
    let other = workshop.place("other.safetensors")
    try SafetensorsFile.write(sources, to: other)
    let file = model.appending(path: "model.safetensors")
    try FileManager.default.removeItem(at: file)
    try FileManager.default.moveItem(at: other, to: file)
  }
}
