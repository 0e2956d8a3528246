import Foundation
import LowRankCheckpoints
import LowRankTensors

/// The numbers of Gemma 3's `config.json` (`gemma3_text`), as transformers 4 or 5 writes it.
public struct Gemma3Configuration: Hashable, Sendable {
  /// `vocab_size`.
  public var vocabularySize: Int
  /// `max_position_embeddings`.
  public var positions: Int
  /// `hidden_size`.
  public var width: Int
  /// `intermediate_size`.
  public var feedForwardWidth: Int
  /// `num_attention_heads`.
  public var heads: Int
  /// `num_key_value_heads`.
  public var keyHeads: Int
  /// `head_dim`.
  public var headSize: Int
  /// `query_pre_attn_scalar`: scores are divided by its square root.
  public var scoreDivisor: Double
  /// `hidden_activation`.
  public var activation: Activation
  /// `rms_norm_eps`.
  public var epsilon: Float
  /// `tie_word_embeddings`.
  public var tiesHead: Bool
  /// `attention_bias`.
  public var hasAttentionBias: Bool
  /// `attention_dropout`.
  public var attentionDropout: Float
  /// Which keys the queries of each layer see: a sliding window, or all earlier ones.
  public var masks: [AttentionProblem.Mask]
  /// The rotary positions of layers that see all earlier keys.
  public var globalRotary: RotaryScaling
  /// The rotary positions of layers with a sliding window.
  public var localRotary: RotaryScaling

  /// Reads a configuration; absent keys have transformers' defaults.
  ///
  /// - Throws: `JSONError` for a value of the wrong kind, `ModelError` for one that is not built.
  public init(_ config: some JSONFields) throws {
    vocabularySize = try config.positive("vocab_size", default: 262_208)
    positions = try config.positive("max_position_embeddings", default: 131_072)
    width = try config.positive("hidden_size", default: 2304)
    feedForwardWidth = try config.positive("intermediate_size", default: 9216)
    heads = try config.positive("num_attention_heads", default: 8)
    keyHeads = try config.positive("num_key_value_heads", default: 4)
    headSize = try config.positive("head_dim", default: 256)
    scoreDivisor = try config.double("query_pre_attn_scalar", default: 256)
    activation = try config.activation("hidden_activation", default: "gelu_pytorch_tanh")
    epsilon = Float(try config.double("rms_norm_eps", default: 1e-6))
    tiesHead = try config.bool("tie_word_embeddings", default: true)
    hasAttentionBias = try config.bool("attention_bias", default: false)
    attentionDropout = Float(try config.double("attention_dropout", default: 0))
    masks = try Self.masks(config)
    (globalRotary, localRotary) = try Self.rotary(config, positions: positions)
    try config.check(
      heads.isMultiple(of: keyHeads), "num_key_value_heads", "\(keyHeads)",
      "a divisor of num_attention_heads, \(heads)")
    try config.check(headSize.isMultiple(of: 2), "head_dim", "\(headSize)", "an even number")
    try config.check(
      scoreDivisor > 0, "query_pre_attn_scalar", "\(scoreDivisor)", "a number greater than 0")
    try config.check(
      (globalRotary.factorCounts + localRotary.factorCounts).allSatisfy { $0 == headSize / 2 },
      "rope_parameters", "of another number of factors",
      "short_factor and long_factor for \(headSize / 2) frequencies")
    for key in ["attn_logit_softcapping", "final_logit_softcapping"] {
      try config.check(
        config[key] == nil || config[key] == .null, key, "set", "null, as in Gemma 3")
    }
    try config.check(
      !config.bool("use_bidirectional_attention", default: false), "use_bidirectional_attention",
      "true", "false")
  }

  /// The masks of the layers: by `layer_types`, else global in every `sliding_window_pattern`-th layer.
  private static func masks(_ config: some JSONFields) throws -> [AttentionProblem.Mask] {
    let layers = try config.positive("num_hidden_layers", default: 26, atMost: 10_000)
    let pattern = try config.positive(
      "sliding_window_pattern", default: config.positive("_sliding_window_pattern", default: 6))
    let types = try config.layerTypes(count: layers)
    let isSliding = types ?? (1...layers).map { !$0.isMultiple(of: pattern) }
    guard isSliding.contains(true) else {
      return [AttentionProblem.Mask](repeating: .causal, count: layers)
    }
    let window = try config.positive("sliding_window", default: 4096)
    return isSliding.map { $0 ? .slidingWindow(size: window) : .causal }
  }

  /// The rotary positions of both kinds of layer: `rope_parameters` by kind, or `rope_theta` with `rope_scaling` and
  /// `rope_local_base_freq`.
  private static func rotary(
    _ config: some JSONFields, positions: Int
  ) throws -> (global: RotaryScaling, local: RotaryScaling) {
    let parameters = try config.optionalObject("rope_parameters")
    let kinds = ["full_attention", "sliding_attention"]
    if let parameters, let other = parameters.allKeys.first(where: { !kinds.contains($0) }) {
      throw parameters.error(
        other,
        "is not expected: \"rope_parameters\" of gemma3_text has full_attention and sliding_attention"
      )
    }
    let older = try config.optionalObject("rope_scaling").flatMap {
      $0.object.isEmpty ? nil : $0
    }
    let full = try parameters?.optionalObject(kinds[0])
    return (
      try RotaryScaling(
        parameters: older ?? full, of: config,
        theta: full?.double("rope_theta", default: config.double("rope_theta", default: 1e6))
          ?? config.double("rope_theta", default: 1e6),
        positions: positions),
      try RotaryScaling(
        parameters: parameters?.optionalObject(kinds[1]), of: config,
        theta: config.double("rope_local_base_freq", default: 1e4), positions: positions)
    )
  }
}

extension JSONFields {
  /// Whether each layer has a sliding window, by `layer_types`; nil if the key is absent.
  func layerTypes(count: Int) throws -> [Bool]? {
    guard let types = try optionalStrings("layer_types") else { return nil }
    try check(
      types.count == count, "layer_types", "\(types.count) entries",
      "one for each of \(count) layers")
    return try types.map { type in
      try check(
        ["full_attention", "sliding_attention"].contains(type), "layer_types", "\"\(type)\"",
        "full_attention or sliding_attention")
      return type == "sliding_attention"
    }
  }
}
