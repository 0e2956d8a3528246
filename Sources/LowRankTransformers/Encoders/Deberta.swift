import LowRankTensors

/// DeBERTa of either generation: blocks as in BERT, with attention to what tokens say and to where they stand apart.
///
/// He et al., arXiv 2006.03654 (DeBERTa), arXiv 2111.09543 (v3). The layouts are transformers' `DebertaModel` and
/// `DebertaV2Model`.
public struct Deberta: Backbone {
  /// The numbers of the configuration.
  public private(set) var configuration: DebertaConfiguration
  private var embeddings: EncoderEmbeddings
  private var distances: (any EmbeddingMap)?
  private let distanceNorm: NormLayer?
  private var convolution: RowConvolution?
  private var blocks: [PostNormBlock<DisentangledAttention>]

  public var family: String { configuration.generation == .first ? "Deberta" : "DebertaV2" }
  public var vocabularySize: Int { configuration.encoder.vocabularySize }
  public var positions: Int { configuration.encoder.positions }
  public var positionLimit: Int? {
    configuration.addsPositions ? configuration.encoder.positions : nil
  }
  public var tokenTypeCount: Int { configuration.encoder.tokenTypeCount }
  public var width: Int { configuration.encoder.width }
  public var tokenTable: any EmbeddingMap { embeddings.tokens }

  /// The encoder with its weights taken from a builder.
  public init(
    _ configuration: DebertaConfiguration, _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    let c = configuration
    self.configuration = c
    embeddings = try EncoderEmbeddings(
      "deberta.embeddings", c.encoder, embeddingWidth: c.embeddingWidth,
      hasPositions: c.addsPositions, &builder)
    distances = try c.relative.map {
      try builder.embedding(
        "deberta.encoder.rel_embeddings", count: 2 * $0.span, width: c.encoder.width)
    }
    distanceNorm =
      try c.normalizesPositions
      ? builder.norm(
        .layer, "deberta.encoder.LayerNorm", width: c.encoder.width, epsilon: c.encoder.epsilon)
      : nil
    convolution = try c.kernelSize > 0 ? RowConvolution("deberta.encoder.conv", c, &builder) : nil
    blocks = try (0..<c.encoder.layers).map { layer in
      let path = "deberta.encoder.layer.\(layer)"
      let attention = try DisentangledAttention(
        path + ".attention.self", layer: layer, c, &builder)
      return try PostNormBlock(path, c.encoder, attention: attention, &builder)
    }
  }

  public func classifierHead(
    count: Int, _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any ClassifierHead {
    DenseHead(
      pooling: .first, savedModules: ["classifier"], inputDropout: configuration.poolerDropout,
      dense: try builder.linear("pooler.dense", inputs: width, outputs: width, bias: true),
      denseRole: .pooler, activation: configuration.poolerActivation,
      dropout: configuration.encoder.classifierDropout,
      output: try builder.linear("classifier", inputs: width, outputs: count, bias: true))
  }

  public func hidden(_ ids: Tensor, at rows: [Int32]?, _ pass: Pass) -> Tensor {
    let x = embeddings.apply(ids, configuration.encoder.dropout, pass)
    let relative = relativeRows(pass)
    guard let convolution, let first = blocks.first else {
      return blocks.applied(to: x, relative, at: rows, pass)
    }
    let y = convolution.apply(first.apply(x, relative, nil, pass), embeddings: x, pass)
    return Array(blocks.dropFirst()).applied(to: y, relative, at: rows, pass)
  }

  /// The rows of the table of distances that the batch reaches.
  private func relativeRows(_ pass: Pass) -> RelativeRows? {
    guard let distances, let relative = configuration.relative else { return nil }
    let reached = relative.reached(by: max(1, pass.rows.longest))
    let ids = reached.rows.map(Int32.init)
    let rows = distances.rows(at: pass.compute.engine.tensor(ids, [ids.count]), pass)
    return RelativeRows(
      rows: distanceNorm.map { $0(rows, pass).output } ?? rows, columns: reached.columns)
  }

  public mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try embeddings.walk(visit)
    for index in blocks.indices { try blocks[index].walk(visit) }
    try LowRankTransformers.visit(&distances, visit)
    try distanceNorm?.walk(visit)
    try convolution?.walk(visit)
  }

  public mutating func setDropout(_ probability: Float) {
    configuration.encoder.setDropout(probability)
    convolution?.setDropout(probability)
    for index in blocks.indices { blocks[index].setDropout(probability) }
  }
}
