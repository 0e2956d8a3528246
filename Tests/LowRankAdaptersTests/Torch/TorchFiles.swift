import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// Files of torch and folders around them, see Oracles/torch_peers.py.
enum TorchFiles {
  static let folder = AdapterFixture.root.appending(path: "torch.files")
  static let adapter = AdapterFixture(name: "llama2-default")

  /// Lends a copy of a folder in which a file stands in the place of the safetensors.
  static func withCopy<Result>(
    of source: URL, without safetensors: String, adding files: [String: URL],
    _ body: (URL) throws -> Result
  ) throws -> Result {
    try withTemporaryFolder { folder in
      let place = folder.appending(path: "copy")
      try FileManager.default.copyItem(at: source, to: place)
      try FileManager.default.removeItem(at: place.appending(path: safetensors))
      for (name, file) in files {
        try FileManager.default.copyItem(at: file, to: place.appending(path: name))
      }
      return try body(place)
    }
  }

  /// Lends the adapter `llama2-default` as PEFT saved it before safetensors.
  static func withAdapter<Result>(_ name: String, _ body: (URL) throws -> Result) throws -> Result {
    try withCopy(
      of: adapter.folder, without: "adapter_model.safetensors",
      adding: ["adapter_model.bin": folder.appending(path: "adapter-\(name).bin")], body)
  }

  /// The tiny GPT-2 whose weights are also there as files of torch.
  static let model = AdapterFixture.models.appending(path: "gpt2")
}
