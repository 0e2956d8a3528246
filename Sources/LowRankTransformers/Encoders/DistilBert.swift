import LowRankTensors

/// DistilBERT: BERT without kinds of token and without a pooler.
///
/// Sanh et al., arXiv 1910.01108. The layout is transformers' `DistilBertModel`.
public struct DistilBert: Backbone {
  /// The numbers of the configuration.
  public private(set) var configuration: EncoderConfiguration
  private var embeddings: EncoderEmbeddings
  private var blocks: [PostNormBlock<SeparateAttention>]

  public let family = "DistilBert"
  public var vocabularySize: Int { configuration.vocabularySize }
  public var positions: Int { configuration.positions }
  public var positionLimit: Int? { configuration.positions }
  public var width: Int { configuration.width }
  public let asksFewInLastBlock = true
  public var tokenTable: any EmbeddingMap { embeddings.tokens }

  /// The encoder with its weights taken from a builder.
  public init(
    _ configuration: EncoderConfiguration, _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    let names = PostNormBlock<SeparateAttention>.Names(
      output: "attention.out_lin", attentionNorm: "sa_layer_norm", up: "ffn.lin1",
      down: "ffn.lin2", outputNorm: "output_layer_norm")
    self.configuration = configuration
    embeddings = try EncoderEmbeddings("distilbert.embeddings", configuration, &builder)
    blocks = try (0..<configuration.layers).map { layer in
      let path = "distilbert.transformer.layer.\(layer)"
      let attention = try SeparateAttention(
        path + ".attention", layer: layer, names: ("q_lin", "k_lin", "v_lin"), configuration,
        &builder)
      return try PostNormBlock(
        path, names: names, configuration, attention: attention, dropsAttentionOutput: false,
        &builder)
    }
  }

  public func classifierHead(
    count: Int, _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any ClassifierHead {
    let c = configuration
    return DenseHead(
      pooling: .first, savedModules: ["classifier"],
      dense: try builder.linear(
        "pre_classifier", inputs: c.width, outputs: c.width, bias: true),
      activation: .relu, dropout: c.classifierDropout,
      output: try builder.linear("classifier", inputs: c.width, outputs: count, bias: true))
  }

  public func hidden(_ ids: Tensor, at rows: [Int32]?, _ pass: Pass) -> Tensor {
    blocks.applied(
      to: embeddings.apply(ids, configuration.dropout, pass), at: rows, pass)
  }

  public mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try embeddings.walk(visit)
    for index in blocks.indices { try blocks[index].walk(visit) }
  }

  public mutating func setDropout(_ probability: Float) {
    configuration.setDropout(probability)
    for index in blocks.indices { blocks[index].setDropout(probability) }
  }
}
