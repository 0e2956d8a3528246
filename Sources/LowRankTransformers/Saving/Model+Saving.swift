import Foundation
import LowRankCheckpoints
import LowRankProgress
import LowRankTensors

extension Model {
  /// Writes the model as a folder that transformers reads, at once and whole.
  ///
  /// Weights have the names of the class for the task, in shards of 5 GB; the files of the tokenizer, of its templates
  /// and of generation are copied from the model's own folder, or made of what its GGUF file says.
  ///
  /// - Parameters:
  ///   - overwrite: whether to replace a folder that is there and not empty; the model's own never is.
  ///   - type: how weights are stored: F32, BF16 or F16; nil to store each as the model's own folder does, and packed ones as
  ///     BF16.
  /// - Throws: `ModelError` where the folder is the model's own or a weight is not finite, `PublishingError` where it is in
  ///   use and `overwrite` is not set, and `FileError`.
  public func save(to path: String, overwrite: Bool = false, as type: StoredType? = nil) throws {
    try save(to: URL(filePath: path), overwrite: overwrite, as: type)
  }

  /// Writes the model as a folder that transformers reads.
  ///
  /// - Parameter chatTemplate: the chat template, instead of the one of the model's own folder.
  /// - Throws: as `save(to:overwrite:as:)` with a path.
  public func save(
    to url: URL, overwrite: Bool = false, as type: StoredType? = nil, chatTemplate: String? = nil
  ) throws {
    if let own = folder?.url, replaces(own, publishingAt: url) {
      throw ModelError.ownFolder(folder: url.relativePath)
    }
    try publishFolder(at: url, overwrite: overwrite, replacing: .model) {
      try write(into: $0, as: type, chatTemplate: chatTemplate)
    }
  }

  /// Refuses to write over, around or into the model's own folder, whatever links lead there.
  ///
  /// - Throws: `ModelError.ownFolder`.
  public func checkApart(from destination: URL) throws(ModelError) {
    guard let own = folder?.url else { return }
    guard !replaces(own, publishingAt: destination), !lies(destination, in: own) else {
      throw .ownFolder(folder: destination.relativePath)
    }
  }

  /// Writes the model's files into a folder that somebody else publishes.
  ///
  /// - Throws: as `save(to:overwrite:as:)` with a path.
  public func write(
    into target: URL, as type: StoredType? = nil, chatTemplate: String? = nil
  ) throws {
    let prefix = try Architectures.prefix(config)
    let preparing = Work("preparing weights", of: architecture.parameters.count, .tensors)
    defer { preparing.end() }
    let weights = architecture.parameters.map { parameter in
      preparing.advance()
      let stored = folder?.tensor(of: parameter.path, prefix: prefix)?.type
      return source(
        parameter, as: type ?? writable(stored ?? StoredType(store[parameter].type)))
    }
    preparing.end()
    try ModelFolder.writeWeights(weights, to: target)
    let config = savedConfig(type, of: weights)
    try JSONValue.object(config).write(to: target.appending(path: "config.json"))
    let template = "chat_template.jinja"
    if let chatTemplate {
      let file = try OutputFile(at: target.appending(path: template))
      try file.write(Array(chatTemplate.utf8))
      try file.close()
    }
    try writeTexts(into: target, leavingOut: chatTemplate == nil ? [] : [template])
    try check(weights, in: target)
  }

  /// Writes the files of tokenizer, templates and generation: the model's own, or those of the other tokenizer with what
  /// it lacks of templates and generation.
  private func writeTexts(into target: URL, leavingOut names: Set<String>) throws {
    let own = try folder.map { try ModelTexts(at: $0.url) }
    guard let tokenizerFolder else { return try own?.write(into: target, leavingOut: names) ?? () }
    let texts = try ModelTexts(at: tokenizerFolder)
    try texts.write(into: target, leavingOut: names)
    let others = ["generation_config.json", "chat_template.jinja"].filter {
      !texts.names.contains($0) && !names.contains($0)
    }
    try own?.write(others, into: target)
  }

  private func source(_ parameter: Parameter, as type: StoredType) -> TensorSource {
    TensorSource(
      TensorName(FormerNames.former(of: parameter.path) ?? parameter.path), parameter.shape,
      floats: try finite(parameter), as: type)
  }

  /// A type that weights can be written in.
  private func writable(_ type: StoredType) -> StoredType {
    if type.isBlocked { return .bfloat16 }
    return Self.torchNames[type] == nil ? .float32 : type
  }

  private func finite(_ parameter: Parameter) throws -> [Float] {
    // Of a base that is used where it lies, one weight at a time is in memory.
    let prefix = try Architectures.prefix(config)
    defer { folder?.tensor(of: parameter.path, prefix: prefix)?.forget() }
    let numbers = engine.floats(store[parameter])
    guard numbers.allSatisfy(\.isFinite) else {
      throw ModelError.notFinite(name: parameter.path)
    }
    return numbers
  }

  /// The configuration with the class that the names belong to and the type that weights are stored in.
  private func savedConfig(_ type: StoredType?, of weights: [TensorSource]) -> JSONObject {
    var object = config.object
    object["architectures"] = [.string(architecture.className)]
    let keys = ["dtype", "torch_dtype"].filter { object[$0] != nil }
    guard let stored = type ?? (keys.isEmpty || folder == nil ? weights.first?.type : nil),
      let name = Self.torchNames[stored]
    else { return object }
    // Both generations of transformers read the older name.
    for key in keys.isEmpty ? ["torch_dtype"] : keys { object[key] = .string(name) }
    return object
  }

  private static let torchNames: [StoredType: String] = [
    .float32: "float32", .bfloat16: "bfloat16", .float16: "float16",
  ]

  /// Opens what was written and compares every weight.
  private func check(_ weights: [TensorSource], in target: URL) throws {
    let written = try ModelFolder(at: target)
    let work = Work("checking what was written", of: weights.count, .tensors)
    defer { work.end() }
    for weight in weights {
      work.advance()
      guard let stored = written[weight.name], try weight.isStored(as: stored) else {
        throw ModelError.savedOtherwise(folder: target.relativePath, name: weight.name.text)
      }
    }
  }
}
