/// An architecture as llama.cpp names it, with its names for tensors beside those of transformers.
package enum LlamaCppArchitecture: String, Hashable, Sendable, CaseIterable {
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
  /// Phi-3 and Phi-4-mini.
  case phi3
  /// GPT-2, whose maps llama.cpp holds with outputs first, as adapters do; queries, keys and values are one.
  case gpt2

  /// The values of `model_type` that have an architecture.
  package static let modelTypes = [
    "llama", "mistral", "qwen2", "qwen3", "smollm3", "gemma3_text", "phi3", "gpt2",
  ]

  /// The architecture of a base, by its `model_type`.
  package init?(modelType: String) {
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
  package var interleavesHeads: Bool { self == .llama || self == .smollm3 }

  /// Whether 1 is added to the weights of norms, which transformers adds when it computes.
  package var shiftsNorms: Bool { self == .gemma3 }

  /// The names of the tensors that no layer has.
  private static let outside = [
    ("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"), ("lm_head", "output"),
  ]

  /// What stands before the number of a layer in transformers' names.
  private var layers: String { self == .gpt2 ? "transformer.h." : "model.layers." }

  /// The linear maps of a layer: transformers' name and llama.cpp's.
  private var maps: [(path: String, name: String)] {
    switch self {
    case .gpt2:
      [
        ("attn.c_attn", "attn_qkv"), ("attn.c_proj", "attn_output"), ("mlp.c_fc", "ffn_up"),
        ("mlp.c_proj", "ffn_down"),
      ]
    case .phi3:
      [
        ("self_attn.qkv_proj", "attn_qkv"), ("self_attn.o_proj", "attn_output"),
        ("mlp.gate_up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
      ]
    case .llama, .qwen2, .qwen3, .smollm3, .gemma3:
      [
        ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"),
        ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
      ]
    }
  }

  /// The norms of a layer: transformers' name and llama.cpp's.
  private var norms: [(path: String, name: String)] {
    let heads = [("self_attn.q_norm", "attn_q_norm"), ("self_attn.k_norm", "attn_k_norm")]
    switch self {
    case .gpt2: return [("ln_1", "attn_norm"), ("ln_2", "ffn_norm")]
    case .gemma3:
      return heads + [
        ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "post_attention_norm"),
        ("pre_feedforward_layernorm", "ffn_norm"), ("post_feedforward_layernorm", "post_ffw_norm"),
      ]
    case .qwen3:
      return heads + [("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm")]
    case .llama, .qwen2, .smollm3, .phi3:
      return [("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm")]
    }
  }

  /// llama.cpp's name of the weight of a linear map; nil if the architecture has no such map.
  package func name(of path: String) -> String? {
    if path == "lm_head" { return "output.weight" }
    guard let (layer, rest) = Self.layer(path, after: layers),
      let map = maps.first(where: { $0.path == rest })
    else { return nil }
    return "blk.\(layer).\(map.name).weight"
  }

  /// The path of the linear map that a weight belongs to.
  package func path(of name: String) -> String? {
    if name == "output.weight" { return "lm_head" }
    guard let (layer, rest) = Self.layer(name, after: "blk."),
      let map = maps.first(where: { $0.name + ".weight" == rest })
    else { return nil }
    return "\(layers)\(layer).\(map.path)"
  }

  /// transformers' name of a tensor of a model; nil if the architecture has no such tensor.
  package func tensorName(of name: String) -> String? {
    for suffix in [".weight", ".bias"] {
      guard let stem = TensorName(name).droppingSuffix(suffix)?.text else { continue }
      if let (path, _) = Self.outside.first(where: { $0.1 == stem }) { return path + suffix }
      guard let (layer, rest) = Self.layer(stem, after: "blk."),
        let module = (maps + norms).first(where: { $0.name == rest })
      else { continue }
      return "\(layers)\(layer).\(module.path)\(suffix)"
    }
    return nil
  }

  /// The weights that a model with so many layers must have, by llama.cpp's names.
  package func requiredNames(layers: Int) -> [String] {
    ["token_embd.weight", "output_norm.weight"]
      + (0..<layers).flatMap { layer in
        (maps + norms).map { "blk.\(layer).\($0.name).weight" }
      }
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
