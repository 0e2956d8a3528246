import Foundation
import LowRankCheckpoints
import LowRankProgress
import LowRankTensors

extension Model {
  /// Writes the model as a folder that transformers reads, at once and whole.
  ///
  /// Weights have the names of the class for the task, in shards of 5 GB; the files of the tokenizer, of its templates
  /// and of generation are copied from the model's own folder.
  ///
  /// - Parameters:
  ///   - overwrite: whether to replace a folder that is there and not empty; the model's own never is.
  ///   - type: how weights are stored: F32, BF16 or F16; nil to store each as the model's own folder does.
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
    for companion in companions
    where chatTemplate == nil || companion.lastPathComponent != template {
      let copy = target.appending(path: companion.lastPathComponent)
      do {
        try FileManager.default.copyItem(at: companion.resolvingSymlinksInPath(), to: copy)
      } catch { throw FileError("write", copy.path, reason: systemReason(error)) }
    }
    try check(weights, in: target)
  }

  /// The files of tokenizer, templates and generation that are copied along.
  private var companions: [URL] {
    let own = folder?.companions ?? []
    guard let tokenizerFolder else { return own }
    let texts = ModelFolder.companions(in: tokenizerFolder)
    let names = texts.map(\.lastPathComponent)
    return texts
      + own.filter {
        ["generation_config.json", "chat_template.jinja"].contains($0.lastPathComponent)
          && !names.contains($0.lastPathComponent)
      }
  }

  private func source(_ parameter: Parameter, as type: StoredType) -> TensorSource {
    TensorSource(
      TensorName(parameter.path), parameter.shape, floats: try finite(parameter), as: type)
  }

  /// A type that weights can be written in.
  private func writable(_ type: StoredType) -> StoredType {
    Self.torchNames[type] == nil ? .float32 : type
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
