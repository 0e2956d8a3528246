import LowRankTensors

/// BERT, RoBERTa and XLM-R: trained positions, blocks whose sums are normalised, every token seeing all others.
///
/// Devlin et al., arXiv 1810.04805; Liu et al. (RoBERTa), arXiv 1907.11692; Conneau et al. (XLM-R), arXiv 1911.02116. The
/// layout is transformers' `BertModel`.
public struct Bert: Backbone {
  /// The families that share the layout, by `model_type`.
  public enum Family: String, Hashable, Sendable, CaseIterable {
    case bert
    case roberta
    case xlmRoberta = "xlm-roberta"

    /// What the names of tensors begin with in the class for a task.
    var prefix: String { self == .bert ? "bert." : "roberta." }
  }

  /// The numbers of the configuration.
  public private(set) var configuration: EncoderConfiguration
  private let kind: Family
  private var embeddings: EncoderEmbeddings
  private var blocks: [PostNormBlock<SeparateAttention>]

  public var family: String {
    switch kind {
    case .bert: "Bert"
    case .roberta: "Roberta"
    case .xlmRoberta: "XLMRoberta"
    }
  }
  public var vocabularySize: Int { configuration.vocabularySize }
  public var positions: Int { configuration.positions }
  public var positionLimit: Int? { configuration.positions }
  public var tokenTypeCount: Int { configuration.tokenTypeCount }
  public var width: Int { configuration.width }
  public let asksFewInLastBlock = true
  public var tokenTable: any EmbeddingMap { embeddings.tokens }

  /// The encoder with its weights taken from a builder.
  public init(
    _ configuration: EncoderConfiguration, family: Family,
    _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    self.configuration = configuration
    kind = family
    embeddings = try EncoderEmbeddings(family.prefix + "embeddings", configuration, &builder)
    blocks = try (0..<configuration.layers).map { layer in
      let path = "\(family.prefix)encoder.layer.\(layer)"
      let attention = try SeparateAttention(
        path + ".attention.self", layer: layer, names: ("query", "key", "value"), configuration,
        &builder)
      return try PostNormBlock(path, configuration, attention: attention, &builder)
    }
  }

  public func classifierHead(
    count: Int, _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any ClassifierHead {
    let c = configuration
    let isBert = kind == .bert
    let dense = isBert ? "bert.pooler.dense" : "classifier.dense"
    return DenseHead(
      pooling: .first, savedModules: ["classifier"],
      inputDropout: isBert ? nil : c.classifierDropout,
      dense: try builder.linear(dense, inputs: c.width, outputs: c.width, bias: true),
      denseRole: isBert ? .pooler : .head, activation: .tanh, dropout: c.classifierDropout,
      output: try builder.linear(
        isBert ? "classifier" : "classifier.out_proj", inputs: c.width, outputs: count, bias: true)
    )
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
