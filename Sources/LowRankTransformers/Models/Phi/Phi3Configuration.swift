import LowRankCheckpoints
import LowRankTensors

/// The numbers of a `config.json` of Phi-3 or Phi-4-mini (`phi3`), as transformers 4 or 5 writes it.
public struct Phi3Configuration: Hashable, Sendable {
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
  /// `head_dim`, else `hidden_size` / `num_attention_heads`.
  public var headSize: Int
  /// `hidden_act`.
  public var activation: Activation
  /// `rms_norm_eps`.
  public var epsilon: Float
  /// `tie_word_embeddings`.
  public var tiesHead: Bool
  /// `attention_dropout`.
  public var attentionDropout: Float
  /// `resid_pdrop`.
  public var residualDropout: Float
  /// Which keys queries see.
  public var mask: AttentionProblem.Mask
  /// How positions become angles.
  public var rotary: RotaryScaling

  /// The columns of queries, keys and values in the output of `qkv_proj`.
  var slices: (query: Range<Int>, key: Range<Int>, value: Range<Int>) {
    let (width, keyWidth) = (heads * headSize, keyHeads * headSize)
    return (0..<width, width..<width + keyWidth, width + keyWidth..<width + 2 * keyWidth)
  }

  /// Reads a configuration; absent keys have transformers' defaults.
  ///
  /// - Throws: `JSONError` for a value of the wrong kind, `ModelError` for one that is not built.
  public init(_ config: some JSONFields) throws {
    vocabularySize = try config.positive("vocab_size", default: 32064)
    positions = try config.positive("max_position_embeddings", default: 4096)
    width = try config.positive("hidden_size", default: 3072)
    feedForwardWidth = try config.positive("intermediate_size", default: 8192)
    layers = try config.positive("num_hidden_layers", default: 32, atMost: 10_000)
    heads = try config.positive("num_attention_heads", default: 32)
    keyHeads = try config.positive("num_key_value_heads", default: heads)
    headSize = try config.positive("head_dim", default: width / heads)
    activation = try config.activation("hidden_act", default: "silu")
    epsilon = Float(try config.double("rms_norm_eps", default: 1e-5))
    tiesHead = try config.bool("tie_word_embeddings", default: false)
    attentionDropout = Float(try config.double("attention_dropout", default: 0))
    residualDropout = Float(try config.double("resid_pdrop", default: 0))
    mask = try config.optionalInteger("sliding_window").map { .slidingWindow(size: $0) } ?? .causal
    rotary = try RotaryScaling(
      phi3: config, positions: positions,
      trained: config.positive("original_max_position_embeddings", default: 4096))
    try config.check(
      heads.isMultiple(of: keyHeads), "num_key_value_heads", "\(keyHeads)",
      "a divisor of num_attention_heads, \(heads)")
    let rotated = rotary.rotatedColumns(headSize: headSize)
    try config.check(
      rotated > 0 && rotated <= headSize && rotated.isMultiple(of: 2), "partial_rotary_factor",
      "\(rotary.share)", "a share of head_dim, \(headSize), that is an even number")
    try config.check(
      rotary.factorCounts.allSatisfy { $0 == rotated / 2 }, "rope_scaling",
      "factors for \(rotary.factorCounts.map(String.init).joined(separator: " and ")) frequencies",
      "short_factor and long_factor for \(rotated / 2)")
  }
}
