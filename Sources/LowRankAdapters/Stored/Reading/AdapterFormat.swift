import Foundation
import LowRankCheckpoints

/// The formats that adapters are read from.
public enum AdapterFormat: String, Hashable, Sendable, CaseIterable {
  /// PEFT's folder: `adapter_config.json` beside `adapter_model.safetensors`.
  case peft
  /// mlx-lm's folder: `adapter_config.json` beside `adapters.safetensors`.
  case mlx
  /// llama.cpp's file.
  case gguf

  /// The format of what lies at a place, by the names in it; a folder that may be PEFT's is taken for it.
  ///
  /// - Throws: `AdapterError` where there is nothing, or both kinds of weights.
  public init(guessing url: URL) throws(AdapterError) {
    func exists(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: url.appending(path: name).path)
    }
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    guard isThere, isFolder.boolValue else {
      self = isThere ? .gguf : .peft
      return
    }
    switch (exists(AdapterFolder.weightsName), exists(MLXFolder.weightsName)) {
    case (true, true):
      throw .ambiguous(
        folder: url.relativePath, names: [AdapterFolder.weightsName, MLXFolder.weightsName])
    case (false, true): self = .mlx
    default: self = .peft
    }
  }
}
