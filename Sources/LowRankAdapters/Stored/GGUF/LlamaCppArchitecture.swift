import LowRankCheckpoints

/// An architecture as llama.cpp names it, with its names for the modules that adapters change.
enum LlamaCppArchitecture: String, Hashable, Sendable, CaseIterable {
  /// Llama, SmolLM and Mistral.
  case llama
  /// Qwen2 and 2.5.
  case qwen2
  /// Qwen3.
  case qwen3
  /// SmolLM3.
  case smollm3
  /// Gemma 3.
  case gemma3
  /// GPT-2, whose maps llama.cpp holds with outputs first, as adapters do; queries, keys and values are one.
  case gpt2

  /// The values of `model_type` that have an architecture.
  static let modelTypes = [
    "llama", "mistral", "qwen2", "qwen3", "smollm3", "gemma3_text", "gpt2",
  ]

  /// The architecture of a base, by its `model_type`.
  init?(modelType: String) {
    switch modelType {
    case "llama", "mistral": self = .llama
    case "gemma3_text": self = .gemma3
    default:
      guard let other = Self(rawValue: modelType), other != .llama, other != .gemma3 else {
        return nil
      }
      self = other
    }
  }

  /// Whether llama.cpp rotates neighbouring rows of queries and keys, where transformers rotates halves of a head.
  var interleavesHeads: Bool { self == .llama || self == .smollm3 }

  /// What stands before the number of a layer in PEFT's paths.
  private var layers: String { self == .gpt2 ? "transformer.h." : "model.layers." }

  /// The modules of a layer: PEFT's name and llama.cpp's.
  private var modules: [(path: String, name: String)] {
    switch self {
    case .gpt2:
      [
        ("attn.c_attn", "attn_qkv"), ("attn.c_proj", "attn_output"), ("mlp.c_fc", "ffn_up"),
        ("mlp.c_proj", "ffn_down"),
      ]
    case .llama, .qwen2, .qwen3, .smollm3, .gemma3:
      [
        ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"),
        ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
      ]
    }
  }

  /// llama.cpp's name of a module's weight; none where the architecture has no such module.
  func name(of path: String) -> String? {
    if path == "lm_head" { return "output.weight" }
    guard let (layer, rest) = Self.layer(path, after: layers),
      let module = modules.first(where: { $0.path == rest })
    else { return nil }
    return "blk.\(layer).\(module.name).weight"
  }

  /// PEFT's path of a weight.
  func path(of name: String) -> String? {
    if name == "output.weight" { return "lm_head" }
    guard let (layer, rest) = Self.layer(name, after: "blk."),
      let module = modules.first(where: { $0.name + ".weight" == rest })
    else { return nil }
    return "\(layers)\(layer).\(module.path)"
  }

  /// The number of a layer and what follows it.
  private static func layer(_ text: String, after prefix: String) -> (Int, Substring)? {
    guard text.utf8.starts(with: prefix.utf8) else { return nil }
    let parts = text.dropFirst(prefix.count).split(separator: ".", maxSplits: 1)
    // Only the plain spelling of a number is one: +1 or 01 would come back as another name.
    guard parts.count == 2, let layer = Int(parts[0]), layer >= 0, String(layer) == parts[0]
    else { return nil }
    return (layer, parts[1])
  }
}
