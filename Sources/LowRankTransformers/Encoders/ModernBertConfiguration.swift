import LowRankCheckpoints
import LowRankTensors

/// The numbers of a ModernBERT `config.json`.
public struct ModernBertConfiguration: Hashable, Sendable {
  /// `vocab_size`.
  public let vocabularySize: Int
  /// `max_position_embeddings`.
  public let positions: Int
  /// `hidden_size`.
  public let width: Int
  /// `num_attention_heads`.
  public let heads: Int
  /// `intermediate_size`.
  public let feedForwardWidth: Int
  /// `hidden_activation`.
  public let activation: Activation
  /// `norm_eps`.
  public let epsilon: Float
  /// `norm_bias`.
  public let hasNormBias: Bool
  /// `attention_bias`.
  public let hasAttentionBias: Bool
  /// `mlp_bias`.
  public let hasFeedForwardBias: Bool
  /// Which keys each layer sees: all, or those up to half of `local_attention` away.
  public let masks: [AttentionProblem.Mask]
  /// The rotary positions of layers that see everything.
  let globalRotary: RotaryScaling
  /// The rotary positions of layers that see their neighbours.
  let localRotary: RotaryScaling
  /// `embedding_dropout`.
  public var embeddingDropout: Float
  /// `attention_dropout`, of attention's weights and of its output.
  public var attentionDropout: Float
  /// `mlp_dropout`.
  public var feedForwardDropout: Float
  /// `classifier_dropout`.
  public var classifierDropout: Float
  /// `classifier_activation`.
  public let classifierActivation: Activation
  /// `classifier_bias`.
  public let hasClassifierBias: Bool
  /// `classifier_pooling`.
  public let pooling: Pooling

  /// Reads a configuration of transformers 4 or 5; absent keys have transformers' defaults.
  ///
  /// - Throws: `JSONError` for a value of the wrong kind, `ModelError` for one that makes no sense.
  public init(_ config: some JSONFields) throws {
    vocabularySize = try config.positive("vocab_size", default: 50368)
    positions = try config.positive("max_position_embeddings", default: 8192)
    width = try config.positive("hidden_size", default: 768)
    heads = try config.positive("num_attention_heads", default: 12)
    feedForwardWidth = try config.positive("intermediate_size", default: 1152)
    activation = try config.activation("hidden_activation", default: "gelu")
    epsilon = Float(try config.double("norm_eps", default: 1e-5))
    hasNormBias = try config.bool("norm_bias", default: false)
    hasAttentionBias = try config.bool("attention_bias", default: false)
    hasFeedForwardBias = try config.bool("mlp_bias", default: false)
    embeddingDropout = Float(try config.double("embedding_dropout", default: 0))
    attentionDropout = Float(try config.double("attention_dropout", default: 0))
    feedForwardDropout = Float(try config.double("mlp_dropout", default: 0))
    classifierDropout = Float(try config.double("classifier_dropout", default: 0))
    classifierActivation = try config.activation("classifier_activation", default: "gelu")
    hasClassifierBias = try config.bool("classifier_bias", default: false)
    let pooling = try config.string("classifier_pooling", default: "cls")
    try config.check(
      ["cls", "mean"].contains(pooling), "classifier_pooling", "\"\(pooling)\"", "cls or mean")
    self.pooling = pooling == "cls" ? .first : .mean
    masks = try Self.masks(config)
    globalRotary = try Self.rotary(config, "full_attention", "global_rope_theta", 160_000)
    localRotary = try Self.rotary(config, "sliding_attention", "local_rope_theta", 10_000)
    try config.check(
      width.isMultiple(of: heads) && (width / heads).isMultiple(of: 2), "hidden_size", "\(width)",
      "an even multiple of num_attention_heads, \(heads)")
  }

  private static func masks(_ config: some JSONFields) throws -> [AttentionProblem.Mask] {
    let layers = try config.positive("num_hidden_layers", default: 22, atMost: 10_000)
    let window = try config.positive("local_attention", default: 128) / 2
    let every = try config.positive("global_attn_every_n_layers", default: 3)
    let names =
      try config.optionalStrings("layer_types")
      ?? (0..<layers).map { $0.isMultiple(of: every) ? "full_attention" : "sliding_attention" }
    try config.check(
      names.count == layers, "layer_types", "a list of \(names.count)", "\(layers) layers")
    return try names.map { name in
      try config.check(
        ["full_attention", "sliding_attention"].contains(name), "layer_types", "\"\(name)\"",
        "full_attention or sliding_attention")
      return name == "full_attention" ? .bidirectional : .neighbourhood(radius: window)
    }
  }

  private static func rotary(
    _ config: some JSONFields, _ layerType: String, _ oldKey: String, _ fallback: Double
  ) throws -> RotaryScaling {
    var theta = try config.optionalDouble(oldKey) ?? fallback
    // In transformers, rope_scaling overrides rope_parameters for both layer types.
    let sections = try [
      config.optionalObject("rope_parameters")?.optionalObject(layerType),
      config.optionalObject("rope_scaling"),
    ]
    for section in sections.compactMap({ $0 }) {
      let old = try section.string("type", default: "default")
      let kind = try section.string("rope_type", default: old)
      try section.check(kind == "default", "rope_type", "\"\(kind)\"", "default")
      theta = try section.double("rope_theta", default: theta)
    }
    return RotaryScaling(theta: theta)
  }

  /// The width of one head.
  public var headSize: Int { width / heads }

  /// Multiplies every dropout.
  mutating func setDropout(_ probability: Float) {
    embeddingDropout = probability
    attentionDropout = probability
    feedForwardDropout = probability
    classifierDropout = probability
  }
}
