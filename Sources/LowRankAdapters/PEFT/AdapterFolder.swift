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
  /// - Throws: `AdapterError.notAnAdapter`, `AdapterError.unsupportedType`, `JSONError`, `SafetensorsError`, `FileError`.
  public init(at url: URL) throws {
    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: url.appending(path: name).path)
    }
    let path = url.relativePath
    func refusal(_ reason: String) -> AdapterError { .notAnAdapter(folder: path, reason: reason) }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw refusal("it does not exist")
    }
    guard isFolder.boolValue else { throw refusal("it is a file") }
    try finishInterruptedSave(in: url)
    guard exists(Self.configName) else {
      let isOpen = FileManager.default.isExecutableFile(atPath: url.path)
      throw refusal(isOpen ? "it holds no \(Self.configName)" : "it cannot be read")
    }
    guard exists(Self.weightsName) else {
      let pickle = exists("adapter_model.bin")
      throw refusal(
        pickle
          ? "its weights are a pickle, which can run code; save it in PEFT with safe_serialization=True"
          : "it holds no \(Self.weightsName)")
    }
    self.url = url
    config = try JSONFile(at: url.appending(path: Self.configName))
    file = try SafetensorsFile(at: url.appending(path: Self.weightsName))
    facts = try AdapterFacts(metadata: file.metadata, file: file.url.relativePath)
    try file.checkTypes()
  }
}
