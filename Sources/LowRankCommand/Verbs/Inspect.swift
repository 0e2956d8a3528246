import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions
import LowRankTransformers

/// `lowrank inspect`: what a folder holds.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a model, an adapter or a file of tensors holds.")

  @Argument(
    help:
      "A model or an adapter, by its folder or its name on the hub; a GGUF file of either; or a file of tensors: .safetensors, .bin, .pt or .pth. (required)",
    completion: .file(extensions: ["safetensors", "gguf", "bin", "pt", "pth"]))
  var path: String?

  @Flag(help: "List every tensor.")
  var tensors = false

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard let path else {
      throw UsageError("give a folder, a name on the hub, or a file of tensors")
    }
    let url = try Located.either(path)
    let object: JSONObject
    if path.hasSuffix(".safetensors") {
      object = try file(url)
    } else if CheckpointFile.isTorchFile(url) || Self.hasTorchName(path) {
      object = try torchFile(url)
    } else if try Self.isGGUFAdapter(url) || Self.holds("adapter_config.json", url) {
      object = try adapter(url)
    } else {
      object = try model(url)
    }
    guard !results.json else { return try Console.result(object) }
    for (key, value) in object.entries where !Self.keysToldElsewhere.contains(key) {
      let text = Self.text(value, of: key) + Self.others(than: key, in: object)
      try Console.result(
        "\(key.replacing("_", with: " ")): \(text)".printable
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

  /// What has no line of its own: the tensors are a table, and patterns stand beside what they replace.
  private static let keysToldElsewhere: Set = ["tensors", "rank_pattern", "alpha_pattern"]

  /// The other values that a pattern gives single modules, as `, others in rank_pattern: 2, 6, 12`.
  private static func others(than key: String, in object: JSONObject) -> String {
    let pattern = key + "_pattern"
    let values = (object[pattern]?.object?.entries ?? []).compactMap(\.value.double)
    let others = Set(values).subtracting([object[key]?.double].compactMap { $0 }).sorted()
    guard !others.isEmpty else { return "" }
    let most = 8
    let texts = others.prefix(most).map { Int(exactly: $0).map(String.init) ?? "\($0)" }
    return ", others in \(pattern): \(texts.joined(separator: ", "))"
      + (others.count > most ? ", …" : "")
  }

  /// A value for people: of paths of modules, their last names.
  private static func text(_ value: JSONValue, of key: String) -> String {
    if value == .null { return "not recorded" }
    guard key == "target_modules", let paths = value.array?.compactMap(\.string) else {
      return value.string ?? value.text()
    }
    var names: [String] = []
    for path in paths {
      let name = path.split(separator: ".").last.map(String.init) ?? path
      if !names.contains(name) { names.append(name) }
    }
    let modules = names.count < paths.count ? ", in \(counted(paths.count, "module"))" : ""
    return (modules.isEmpty ? names : names.sorted()).joined(separator: ", ") + modules
  }

  private func model(_ url: URL) throws -> JSONObject {
    let folder = try ModelFolder(at: url)
    // Weights that need no conversion are not read.
    let precision: Precision = folder.storedPrecision == .float32 ? .float32 : .bfloat16
    let model = try Model(from: url, precision: precision, engine: CPUEngine())
    var object: JSONObject = [
      "kind": "model", "architecture": .string(model.architecture.className),
      "parameters": .integer(model.parameterCount), "bytes": .integer(folder.byteCount),
      "vocabulary": .integer(model.architecture.vocabularySize),
      "positions": .integer(model.architecture.positions),
      "fingerprint": .string(try folder.fingerprint().description),
      "modules": .array(model.architecture.linearNames.map { .string($0) }),
    ]
    if let input = model.architecture.backbone.imageInput {
      object["vocabulary"] = nil
      object["image_size"] = [.integer(input.height), .integer(input.width)]
      object["patch_size"] = [.integer(input.patchHeight), .integer(input.patchWidth)]
    }
    if folder.isGGUF { try Self.addStorage(of: folder, to: &object) }
    if tensors { object["tensors"] = Self.list(folder.tensors) }
    return object
  }

  /// What a GGUF file tells beside: how tensors are stored, the kind of tokenizer, and the length of the context.
  private static func addStorage(of folder: ModelFolder, to object: inout JSONObject) throws {
    object["format"] = "gguf"
    object["types"] = .object(
      JSONObject(folder.storage.map { ($0.type.rawValue, .integer($0.count)) }))
    object["tokenizer"] = try ModelTexts(at: folder.url).tokenizerKind.map { .string($0) } ?? .null
    object["context"] = folder.config["max_position_embeddings"] ?? .null
    object["identity"] = .string(try folder.identity().description)
  }

  /// Whether a GGUF file holds an adapter, as its metadata say.
  private static func isGGUFAdapter(_ url: URL) throws -> Bool {
    guard GGUFFile.isGGUF(url) else { return false }
    return try GGUFFile(at: url, keepsVocabulary: false)["general.type"]?.string == "adapter"
  }

  private func adapter(_ url: URL) throws -> JSONObject {
    guard try AdapterFolder.isPEFT(url) else {
      return try foreignAdapter(url, AdapterFormat(guessing: url))
    }
    let folder = try AdapterFolder(at: url)
    var object = try Self.object(
      folder.config, .peft, folder.file.tensors, weights: folder.file.url.lastPathComponent)
    for key in ["modules_to_save", "trainable_token_indices"] {
      if let value = folder.config[key], value != .null { object[key] = value }
    }
    let others = folder.wholeTensors.map { JSONValue.string($0.name.text) }
    if !others.isEmpty { object["other_tensors"] = .array(others) }
    Self.add(folder.task, to: &object)
    if tensors { object["tensors"] = Self.list(folder.file.tensors) }
    return object
  }

  /// An adapter of mlx-lm or llama.cpp, described in PEFT's words.
  private func foreignAdapter(_ url: URL, _ format: AdapterFormat) throws -> JSONObject {
    let stored = try StoredAdapter(describing: url)
    let weights = format == .mlx ? url.appending(path: "adapters.safetensors") : url
    let own =
      try format == .mlx ? CheckpointFile(at: weights).tensors : GGUFFile(at: weights).tensors
    var object = try Self.object(
      JSONFile(stored.config, at: url), format, own, weights: weights.lastPathComponent)
    Self.add(try AdapterFolder.task(at: url), to: &object)
    if tensors { object["tensors"] = Self.list(own) }
    return object
  }

  private static func object(
    _ config: JSONFile, _ format: AdapterFormat, _ tensors: [StoredTensor], weights: String
  ) throws -> JSONObject {
    let configuration = try AdapterConfiguration(peft: config)
    return [
      "kind": "adapter", "method": .string(configuration.method.name),
      "rank": .integer(configuration.ranks.rank), "alpha": .double(configuration.ranks.alpha),
      "rank_stabilized": .bool(configuration.ranks.isRankStabilized),
      "use_dora": .bool(config["use_dora"]?.bool ?? false),
      "rank_pattern": Self.pattern("rank_pattern", in: config),
      "alpha_pattern": Self.pattern("alpha_pattern", in: config),
      "target_modules": config["target_modules"] ?? .null,
      "parameters": .integer(tensors.reduce(0) { $0 + $1.shape.count }),
      "tensor_count": .integer(tensors.count),
      "base": config["base_model_name_or_path"] ?? .null,
      "format": .string(format.rawValue), "weights": .string(weights),
    ]
  }

  /// The ranks or alphas of single modules, as the configuration has them.
  private static func pattern(_ key: String, in config: JSONFile) -> JSONValue {
    config[key]?.object.map { .object($0) } ?? [:]
  }

  private static func add(_ task: JSONObject?, to object: inout JSONObject) {
    guard let task else { return }
    for key in [
      "task", "text_columns", "label_column", "id2label", "text_column", "prompt_column",
      "completion_column", "prompt_template", "separator",
    ] { object[key] = task[key] }
  }

  private func file(_ url: URL) throws -> JSONObject {
    let file = try SafetensorsFile(at: url)
    return [
      "kind": "safetensors", "tensor_count": .integer(file.tensors.count),
      "metadata": .object(file.metadata), "tensors": Self.list(file.tensors),
    ]
  }

  /// The tensors of a file of torch, and what else it holds.
  private func torchFile(_ url: URL) throws -> JSONObject {
    let file = try CheckpointFile(at: url)
    let contents = try CheckpointFile.contents(ofTorchFile: url)
    var object: JSONObject = ["kind": "torch", "tensor_count": .integer(file.tensors.count)]
    if let section = contents.section { object["section"] = .string(section) }
    if !contents.others.isEmpty {
      object["not_read"] = .array(contents.others.map { .string($0) })
    }
    object["tensors"] = Self.list(file.tensors)
    return object
  }

  private static func hasTorchName(_ path: String) -> Bool {
    [".bin", ".pt", ".pth"].contains { path.hasSuffix($0) }
  }

  private static func holds(_ name: String, _ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: name).path)
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
