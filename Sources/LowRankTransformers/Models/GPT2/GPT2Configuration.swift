import LowRankCheckpoints
import LowRankTensors

/// The numbers of a GPT-2 `config.json`.
public struct GPT2Configuration: Hashable, Sendable {
  /// `vocab_size`.
  public var vocabularySize: Int
  /// `n_positions`.
  public var positions: Int
  /// `n_embd`.
  public var width: Int
  /// `n_layer`.
  public var layers: Int
  /// `n_head`.
  public var heads: Int
  /// `n_inner`, four times the width unless said otherwise.
  public var feedForwardWidth: Int
  /// `activation_function`.
  public var activation: Activation
  /// `layer_norm_epsilon`.
  public var epsilon: Float
  /// `tie_word_embeddings`.
  public var tiesHead: Bool
  /// `embd_pdrop`.
  public var embeddingDropout: Float
  /// `resid_pdrop`.
  public var residualDropout: Float
  /// `attn_pdrop`.
  public var attentionDropout: Float
  /// `scale_attn_weights`.
  public var scalesScores: Bool
  /// `scale_attn_by_inverse_layer_idx`.
  public var scalesScoresByLayer: Bool

  /// Reads a configuration; absent keys have transformers' defaults.
  ///
  /// - Throws: `JSONError` for a value of the wrong kind, `ModelError` for one that makes no sense.
  public init(_ config: some JSONFields) throws {
    vocabularySize = try config.positive("vocab_size", default: 50257)
    positions = try config.positive("n_positions", default: 1024)
    width = try config.positive("n_embd", default: 768)
    layers = try config.positive("n_layer", default: 12, atMost: 10_000)
    heads = try config.positive("n_head", default: 12)
    feedForwardWidth =
      try config.optionalInteger("n_inner") == nil ? 4 * width : config.positive("n_inner")
    activation = try config.activation("activation_function", default: "gelu_new")
    epsilon = Float(try config.double("layer_norm_epsilon", default: 1e-5))
    tiesHead = try config.bool("tie_word_embeddings", default: true)
    embeddingDropout = Float(try config.double("embd_pdrop", default: 0.1))
    residualDropout = Float(try config.double("resid_pdrop", default: 0.1))
    attentionDropout = Float(try config.double("attn_pdrop", default: 0.1))
    scalesScores = try config.bool("scale_attn_weights", default: true)
    scalesScoresByLayer = try config.bool("scale_attn_by_inverse_layer_idx", default: false)
    try config.check(
      width.isMultiple(of: heads), "n_embd", "\(width)", "a multiple of n_head, \(heads)")
  }

  /// The width of one head.
  public var headSize: Int { width / heads }

  /// What scores are multiplied by in a layer.
  public func attentionScale(layer: Int) -> Float {
    (scalesScores ? 1 / Float(headSize).squareRoot() : 1)
      / (scalesScoresByLayer ? Float(layer + 1) : 1)
  }
}
