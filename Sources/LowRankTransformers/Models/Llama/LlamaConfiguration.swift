import LowRankCheckpoints
import LowRankTensors

/// The numbers of a Llama-like `config.json`, as transformers 4 or 5 writes it.
public struct LlamaConfiguration: Hashable, Sendable {
  /// The architectures that are one parametrised model.
  public enum Family: String, Hashable, Sendable, CaseIterable {
    /// Llama 2 and 3, and SmolLM.
    case llama
    /// Mistral: a sliding window in every layer.
    case mistral
    /// Qwen2 and 2.5: a bias on queries, keys and values.
    case qwen2
    /// Qwen3: norms on queries and keys.
    case qwen3
    /// SmolLM3: no rotary positions in some layers.
    case smollm3
  }

  /// `model_type`.
  public var family: Family
  /// `vocab_size`.
  public var vocabularySize: Int
  /// `max_position_embeddings`.
  public var positions: Int
  /// `hidden_size`.
  public var width: Int
  /// `intermediate_size`.
  public var feedForwardWidth: Int
  /// `num_hidden_layers`.
  public var layers: Int
  /// `num_attention_heads`.
  public var heads: Int
  /// `num_key_value_heads`.
  public var keyHeads: Int
  /// `head_dim`.
  public var headSize: Int
  /// `hidden_act`.
  public var activation: Activation
  /// `rms_norm_eps`.
  public var epsilon: Float
  /// `tie_word_embeddings`.
  public var tiesHead: Bool
  /// Whether queries, keys and values have a bias.
  public var hasQueryBias: Bool
  /// Whether attention's output has a bias.
  public var hasOutputBias: Bool
  /// `mlp_bias`.
  public var hasFeedForwardBias: Bool
  /// `attention_dropout`.
  public var attentionDropout: Float
  /// Which keys each layer's queries see.
  public var masks: [AttentionProblem.Mask]
  /// Which layers have rotary positions.
  public var hasRotary: [Bool]
  /// How positions become angles.
  public var rotary: RotaryScaling

  /// Reads a configuration; absent keys have transformers' defaults.
  ///
  /// - Throws: `JSONError` for a value of the wrong kind, `ModelError` for one that is not built.
  public init(_ config: some JSONFields, family: Family) throws {
    self.family = family
    vocabularySize = try config.positive("vocab_size")
    positions = try config.positive("max_position_embeddings", default: family.defaultPositions)
    width = try config.positive("hidden_size")
    feedForwardWidth = try config.positive("intermediate_size")
    layers = try config.positive("num_hidden_layers", atMost: 10_000)
    heads = try config.positive("num_attention_heads")
    // An explicit null means one for each head; if the key is absent, transformers uses other defaults.
    let missing = config["num_key_value_heads"] == nil ? family.defaultKeyHeads : nil
    keyHeads = try config.positive("num_key_value_heads", default: missing ?? heads)
    headSize = try config.positive("head_dim", default: family == .qwen3 ? 128 : width / heads)
    activation = try config.activation("hidden_act", default: "silu")
    epsilon = Float(try config.double("rms_norm_eps", default: 1e-6))
    tiesHead = try config.bool("tie_word_embeddings", default: family == .smollm3)
    let attentionBias = try config.bool("attention_bias", default: false)
    hasQueryBias = family == .qwen2 || (family != .mistral && attentionBias)
    hasOutputBias =
      (family == .llama || family == .qwen3 || family == .smollm3) && attentionBias
    hasFeedForwardBias =
      try (family == .llama || family == .smollm3) && config.bool("mlp_bias", default: false)
    attentionDropout = Float(try config.double("attention_dropout", default: 0))
    hasRotary = try Self.hasRotary(config, family, layers: layers)
    masks = try Self.masks(config, family, layers: layers, hasRotary: hasRotary)
    rotary = try RotaryScaling(
      config, positions: positions, defaultTheta: family == .smollm3 ? 2e6 : 1e4)
    try config.check(
      heads.isMultiple(of: keyHeads), "num_key_value_heads", "\(keyHeads)",
      "a divisor of num_attention_heads, \(heads)")
    try config.check(
      headSize.isMultiple(of: 2), "head_dim", "\(headSize)", "an even number")
    try config.check(
      rotary.factorCounts.allSatisfy { $0 == headSize / 2 }, "rope_scaling",
      "factors for \(rotary.factorCounts.map(String.init).joined(separator: " and ")) frequencies",
      "short_factor and long_factor for \(headSize / 2)")
  }

  /// SmolLM3's `no_rope_layers`, in which 1 stands for a layer with rotary positions, else all but every
  /// `no_rope_layer_interval`-th layer.
  private static func hasRotary(
    _ config: some JSONFields, _ family: Family, layers: Int
  ) throws -> [Bool] {
    guard family == .smollm3 else { return [Bool](repeating: true, count: layers) }
    if let flags = try config.optionalIntegers("no_rope_layers") {
      try config.check(
        flags.count == layers, "no_rope_layers", "\(flags.count) entries", "one for each layer")
      return flags.map { $0 != 0 }
    }
    let interval = try config.positive("no_rope_layer_interval", default: 4)
    return (1...layers).map { !$0.isMultiple(of: interval) }
  }

  private static func masks(
    _ config: some JSONFields, _ family: Family, layers: Int, hasRotary: [Bool]
  ) throws -> [AttentionProblem.Mask] {
    let fallback = family == .llama || family == .smollm3 ? nil : 4096
    let window =
      config["sliding_window"] == nil ? fallback : try config.optionalInteger("sliding_window")
    let sliding: AttentionProblem.Mask = window.map { .slidingWindow(size: $0) } ?? .causal
    switch family {
    case .llama:
      return [AttentionProblem.Mask](repeating: .causal, count: layers)
    case .mistral:
      return [AttentionProblem.Mask](repeating: sliding, count: layers)
    case .qwen2, .qwen3, .smollm3:
      guard try config.bool("use_sliding_window", default: false) else {
        return [AttentionProblem.Mask](repeating: .causal, count: layers)
      }
      if let isSliding = try config.layerTypes(count: layers) {
        return isSliding.map { $0 ? sliding : .causal }
      }
      guard family != .smollm3 else { return hasRotary.map { $0 ? .causal : sliding } }
      let first = try config.integer("max_window_layers", default: 28)
      return (0..<layers).map { $0 >= first ? sliding : .causal }
    }
  }
}

extension LlamaConfiguration.Family {
  /// The default for an absent `max_position_embeddings`.
  fileprivate var defaultPositions: Int {
    switch self {
    case .llama: 2048
    case .smollm3: 32_768
    case .mistral: 131_072
    case .qwen2, .qwen3: 32_768
    }
  }

  /// The default for an absent `num_key_value_heads`; nil for the number of heads.
  fileprivate var defaultKeyHeads: Int? {
    switch self {
    case .llama: nil
    case .mistral: 8
    case .smollm3: 4
    case .qwen2, .qwen3: 32
    }
  }
}
