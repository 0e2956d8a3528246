import LowRankCheckpoints
import LowRankTensors

/// The numbers of a `config.json` that BERT, RoBERTa, XLM-R, DistilBERT and DeBERTa share.
public struct EncoderConfiguration: Hashable, Sendable {
  /// `vocab_size`.
  public var vocabularySize: Int
  /// The rows of the table of positions, `max_position_embeddings`.
  public var positionRows: Int
  /// The row of the first position: RoBERTa keeps `pad_token_id + 1` rows for padding.
  public var firstPosition: Int
  /// `type_vocab_size`.
  public var tokenTypeCount: Int
  /// `hidden_size`.
  public var width: Int
  /// `num_hidden_layers`.
  public var layers: Int
  /// `num_attention_heads`.
  public var heads: Int
  /// `intermediate_size`.
  public var feedForwardWidth: Int
  /// `hidden_act`.
  public var activation: Activation
  /// `layer_norm_eps`.
  public var epsilon: Float
  /// `hidden_dropout_prob`.
  public var dropout: Float
  /// `attention_probs_dropout_prob`.
  public var attentionDropout: Float
  /// `classifier_dropout`, that of hidden states unless said otherwise.
  public var classifierDropout: Float

  /// Reads the keys of BERT and its descendants; absent ones have transformers' defaults.
  ///
  /// - Throws: `JSONError` for a value of the wrong kind, `ModelError` for one that makes no sense.
  public init(_ config: some JSONFields, isRoberta: Bool = false, epsilon: Double = 1e-12) throws {
    vocabularySize = try config.positive("vocab_size", default: isRoberta ? 50265 : 30522)
    positionRows = try config.positive("max_position_embeddings", default: 512)
    firstPosition = isRoberta ? try config.integer("pad_token_id", default: 1) + 1 : 0
    tokenTypeCount = try config.integer("type_vocab_size", default: 2)
    width = try config.positive("hidden_size", default: 768)
    layers = try config.positive("num_hidden_layers", default: 12, atMost: 10_000)
    heads = try config.positive("num_attention_heads", default: 12)
    feedForwardWidth = try config.positive("intermediate_size", default: 3072)
    activation = try config.activation("hidden_act", default: "gelu")
    self.epsilon = Float(try config.double("layer_norm_eps", default: epsilon))
    dropout = Float(try config.double("hidden_dropout_prob", default: 0.1))
    attentionDropout = Float(try config.double("attention_probs_dropout_prob", default: 0.1))
    classifierDropout =
      try config.optionalDouble("classifier_dropout").map(Float.init) ?? dropout
    try checkShape(config, "hidden_size", "num_attention_heads")
    try config.check(
      (0...1 << 20).contains(tokenTypeCount), "type_vocab_size", "\(tokenTypeCount)", "0 or more")
    try config.check(
      (0..<positionRows).contains(firstPosition), "pad_token_id", "\(firstPosition - 1)",
      "a token of which fewer than max_position_embeddings are before the first position")
    let kind = try config.string("position_embedding_type", default: "absolute")
    try config.check(
      kind == "absolute", "position_embedding_type", "\"\(kind)\"", "\"absolute\"")
    let isDecoder = try config.bool("is_decoder", default: false)
    try config.check(!isDecoder, "is_decoder", "true", "false: it is read as an encoder")
  }

  /// Reads DistilBERT's names for the same numbers.
  ///
  /// - Throws: as ``init(_:isRoberta:epsilon:)``.
  public init(distilled config: some JSONFields) throws {
    vocabularySize = try config.positive("vocab_size", default: 30522)
    positionRows = try config.positive("max_position_embeddings", default: 512)
    firstPosition = 0
    tokenTypeCount = 0
    width = try config.positive("dim", default: 768)
    layers = try config.positive("n_layers", default: 6, atMost: 10_000)
    heads = try config.positive("n_heads", default: 12)
    feedForwardWidth = try config.positive("hidden_dim", default: 3072)
    activation = try config.activation("activation", default: "gelu")
    epsilon = 1e-12
    dropout = Float(try config.double("dropout", default: 0.1))
    attentionDropout = Float(try config.double("attention_dropout", default: 0.1))
    classifierDropout = Float(try config.double("seq_classif_dropout", default: 0.2))
    try checkShape(config, "dim", "n_heads")
  }

  private func checkShape(_ config: some JSONFields, _ widthKey: String, _ headsKey: String) throws
  {
    try config.check(
      width.isMultiple(of: heads), widthKey, "\(width)", "a multiple of \(headsKey), \(heads)")
  }

  /// The width of one head.
  public var headSize: Int { width / heads }
  /// The longest sequence that has positions.
  public var positions: Int { positionRows - firstPosition }

  /// Multiplies every dropout.
  mutating func setDropout(_ probability: Float) {
    dropout = probability
    attentionDropout = probability
    classifierDropout = probability
  }
}
