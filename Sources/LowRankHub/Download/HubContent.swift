/// What is wanted of a repository.
public enum HubContent: Hashable, Sendable {
  /// A model: configuration, tokenizer, templates, and weights.
  case model
  /// An adapter of PEFT or mlx-lm.
  case adapter
  /// Whichever of both it is.
  case either
  /// A GGUF file by its path in the repository, with the other parts of a model that is split.
  case gguf(String)
}

/// The files of a repository that are read, by their names.
enum NeededFiles {
  static let config = "config.json"
  static let adapterConfig = "adapter_config.json"
  static let weights = "model.safetensors"
  static let index = "model.safetensors.index.json"
  static let adapterWeights = ["adapter_model.safetensors", "adapters.safetensors"]
  /// Files of torch, which are fetched where there are no safetensors; their reader runs nothing.
  static let torchWeights = "pytorch_model.bin"
  static let torchIndex = "pytorch_model.bin.index.json"
  static let torchAdapterWeights = "adapter_model.bin"

  /// Names of weights in one format: files that hold all of them, and the index of shards.
  struct Weights {
    let wholes: [String]
    let index: String?

    var names: [String] { wholes + [index].compactMap(\.self) }
  }

  /// The names of weights in safetensors, and in files of torch.
  static func weights(_ content: HubContent) -> (safetensors: Weights, torch: Weights) {
    content == .adapter
      ? (
        Weights(wholes: adapterWeights, index: nil),
        Weights(wholes: [torchAdapterWeights], index: nil)
      )
      : (
        Weights(wholes: [weights], index: index),
        Weights(wholes: [torchWeights], index: torchIndex)
      )
  }

  /// What is read where it is there, beside configuration and weights.
  static func companions(_ content: HubContent) -> [String] {
    content == .adapter
      ? [
        "lowrank.json", "native.safetensors", "chat_template.jinja", "tokenizer.json",
        "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
      ]
      : [
        "generation_config.json", "tokenizer.json", "tokenizer_config.json",
        "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt",
        "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model",
        "chat_template.jinja", "chat_template.json", "preprocessor_config.json",
      ]
  }

  /// Whether a file holds weights in a form that is not read.
  static func isForeignWeights(_ path: String) -> Bool {
    [".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".onnx", ".gguf"].contains {
      path.hasSuffix($0)
    }
  }

  /// Whether a path stays inside the folder that it is put into.
  static func isSafe(_ path: String) -> Bool {
    path.utf8.count <= 1024
      && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 255
          && part.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }
      }
  }
}
