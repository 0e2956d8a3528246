import Foundation
import LowRankCheckpoints

/// An adapter folder as PEFT lays it out: `adapter_config.json` beside `adapter_model.safetensors`.
public struct AdapterFolder: Sendable {
  /// Where it lies.
  public let url: URL
  /// The content of `adapter_config.json`.
  public let config: JSONFile
  /// The tensors.
  public let file: SafetensorsFile
  let facts: AdapterFacts?

  static let configName = "adapter_config.json"
  static let weightsName = "adapter_model.safetensors"
  /// What PEFT puts before every tensor's name.
  static let prefix = "base_model.model."

  /// Opens a folder; no tensor is read.
  ///
  /// - Throws: `AdapterError.notAnAdapter`, `JSONError`, `SafetensorsError`, `FileError`.
  public init(at url: URL) throws {
    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: url.appending(path: name).path)
    }
    let path = url.relativePath
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw AdapterError.notAnAdapter(folder: path, reason: "it does not exist")
    }
    guard exists(Self.configName) else {
      throw AdapterError.notAnAdapter(folder: path, reason: "it holds no \(Self.configName)")
    }
    guard exists(Self.weightsName) else {
      let pickle = exists("adapter_model.bin")
      throw AdapterError.notAnAdapter(
        folder: path,
        reason: pickle
          ? "its weights are a pickle, which can run code; save it in PEFT with safe_serialization=True"
          : "it holds no \(Self.weightsName)")
    }
    self.url = url
    config = try JSONFile(at: url.appending(path: Self.configName))
    file = try SafetensorsFile(at: url.appending(path: Self.weightsName))
    facts = try AdapterFacts(metadata: file.metadata, file: file.url.relativePath)
  }
}
