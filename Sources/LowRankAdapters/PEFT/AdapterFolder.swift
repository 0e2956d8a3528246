import Foundation
import LowRankCheckpoints

/// An adapter as PEFT lays it out: `adapter_config.json` beside `adapter_model.safetensors`, or `adapter_model.bin`.
///
/// Adapters of mlx-lm and llama.cpp are turned into this form in memory.
public struct AdapterFolder: Sendable {
  /// Where it lies.
  public let url: URL
  /// The format that it is stored in.
  public let format: AdapterFormat
  /// The content of `adapter_config.json`, in PEFT's words.
  public let config: JSONFile
  /// The tensors, by PEFT's names.
  public let file: CheckpointFile
  let facts: AdapterFacts?

  static let configName = "adapter_config.json"
  static let weightsName = "adapter_model.safetensors"
  /// Where PEFT kept the tensors before it saved safetensors.
  static let torchWeightsName = "adapter_model.bin"
  /// What PEFT puts before every tensor's name.
  static let prefix = "base_model.model."
  /// Where PEFT keeps what belongs to no module of the model but to all of them.
  static let sharedModule = "base_model"

  /// The name in the file of what goes by a name without the prefix; what all modules share has none.
  static func fullName(of name: String) -> String {
    name.hasPrefix(sharedModule + ".") ? name : prefix + name
  }

  /// Opens an adapter; the tensors of PEFT's formats are not read.
  ///
  /// - Parameter model: the folder of the base, whose `config.json` says what a GGUF file may lack.
  /// - Throws: `AdapterError.notAnAdapter`, `AdapterError.unsupportedType`, `JSONError`, `SafetensorsError`,
  ///   `TorchFileError`, `FileError`, and what converting an adapter of another format throws.
  public init(at url: URL, model: URL? = nil) throws {
    let path = url.relativePath
    func refusal(_ reason: String) -> AdapterError { .notAnAdapter(folder: path, reason: reason) }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw refusal("it does not exist")
    }
    guard isFolder.boolValue else {
      guard GGUFFile.isGGUF(url) || CheckpointFile.isTorchFile(url) else {
        throw refusal("it is a file")
      }
      self = try Self(converting: StoredAdapter(at: url, model: model))
      return
    }
    try finishInterruptedSave(in: url)
    guard Self.holds(Self.configName, url) else {
      throw refusal(Self.lack(in: url))
    }
    guard let weights = Self.weights(in: url) else {
      guard try AdapterFormat(guessing: url) != .mlx else {
        self = try Self(converting: StoredAdapter(at: url, as: .mlx))
        return
      }
      throw refusal("it holds \(Self.configName), but no \(Self.weightsName)")
    }
    self.url = url
    format = .peft
    config = try JSONFile(at: url.appending(path: Self.configName))
    file = try CheckpointFile(at: weights).withCurrentNames
    facts = try AdapterFacts(metadata: file.metadata, file: file.url.relativePath)
    try file.checkTypes()
  }

  init(
    _ url: URL, _ format: AdapterFormat, config: JSONFile, file: CheckpointFile,
    facts: AdapterFacts?
  ) {
    (self.url, self.format, self.config, self.file, self.facts) = (url, format, config, file, facts)
  }

  /// The file of PEFT's tensors in a folder: safetensors where they are there, else the file of torch.
  static func weights(in folder: URL) -> URL? {
    [weightsName, torchWeightsName].first { holds($0, folder) }.map { folder.appending(path: $0) }
  }

  /// Whether an adapter is read as PEFT's: also where weights of another tool lie beside them.
  package static func isPEFT(_ url: URL) throws -> Bool {
    try weights(in: url) != nil || AdapterFormat(guessing: url) == .peft
  }

  /// Why a folder without a configuration is not an adapter's, with the folders in it that are.
  private static func lack(in folder: URL) -> String {
    guard FileManager.default.isExecutableFile(atPath: folder.path) else {
      return "it cannot be read"
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    guard !names.isEmpty else { return "it is empty" }
    let adapters = names.sorted().filter { holds(configName, folder.appending(path: $0)) }
    let list = adapters.prefix(3).joined(separator: ", ") + (adapters.count > 3 ? ", …" : "")
    return "it holds no \(configName)"
      + (adapters.isEmpty
        ? "" : "; \(list) in it \(adapters.count == 1 ? "is an adapter" : "are adapters")")
  }

  private static func holds(_ name: String, _ folder: URL) -> Bool {
    FileManager.default.fileExists(atPath: folder.appending(path: name).path)
  }
}
