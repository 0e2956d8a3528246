import Foundation
import LowRankCheckpoints

/// The formats that adapters are read from.
public enum AdapterFormat: String, Hashable, Sendable, CaseIterable {
  /// PEFT's folder: `adapter_config.json` beside `adapter_model.safetensors`, or `adapter_model.bin` of old releases.
  case peft
  /// mlx-lm's folder: `adapter_config.json` beside `adapters.safetensors`.
  case mlx
  /// llama.cpp's file.
  case gguf
  /// The file of torch with the factors of microsoft/LoRA, which does not say how they are scaled.
  case loralib

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
      self = !isThere ? .peft : CheckpointFile.isTorchFile(url) ? .loralib : .gguf
      return
    }
    switch (AdapterFolder.weights(in: url), exists(MLXFolder.weightsName)) {
    case (let weights?, true):
      throw .ambiguous(
        folder: url.relativePath, names: [weights.lastPathComponent, MLXFolder.weightsName])
    case (nil, true): self = .mlx
    default: self = .peft
    }
  }
}
