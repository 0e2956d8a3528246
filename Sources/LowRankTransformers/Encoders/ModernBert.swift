import LowRankTensors

/// ModernBERT: rotary positions, norms before each part, gated feed-forward networks, and layers that see everything
/// between layers that see their neighbours.
///
/// Warner et al., arXiv 2412.13663. The layout is transformers' `ModernBertModel`.
public struct ModernBert: Backbone {
  /// The numbers of the configuration.
  public private(set) var configuration: ModernBertConfiguration
  private var tokens: any EmbeddingMap
  private let embeddingNorm: NormLayer
  private var blocks: [Block]
  private let norm: NormLayer
  private let globalRotary: RotaryEmbedding
  private let localRotary: RotaryEmbedding

  public let family = "ModernBert"
  public var vocabularySize: Int { configuration.vocabularySize }
  public var positions: Int { configuration.positions }
  public var width: Int { configuration.width }
  public var tokenTable: any EmbeddingMap { tokens }

  /// The encoder with its weights taken from a builder.
  public init(
    _ configuration: ModernBertConfiguration, _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    let c = configuration
    self.configuration = c
    tokens = try builder.embedding(
      "model.embeddings.tok_embeddings", count: c.vocabularySize, width: c.width)
    embeddingNorm = try builder.norm("model.embeddings.norm", c)
    blocks = try c.masks.indices.map { try Block(c, layer: $0, &builder) }
    norm = try builder.norm("model.final_norm", c)
    globalRotary = RotaryEmbedding(c.globalRotary, headSize: c.headSize)
    localRotary = RotaryEmbedding(c.localRotary, headSize: c.headSize)
  }

  public func classifierHead(
    count: Int, _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any ClassifierHead {
    let c = configuration
    return DenseHead(
      pooling: c.pooling, savedModules: ["classifier"],
      dense: try builder.linear(
        "head.dense", inputs: c.width, outputs: c.width, bias: c.hasClassifierBias),
      activation: c.classifierActivation, norm: try builder.norm("head.norm", c),
      dropout: c.classifierDropout,
      output: try builder.linear("classifier", inputs: c.width, outputs: count, bias: true))
  }

  public func hidden(_ ids: Tensor, at rows: [Int32]?, _ pass: Pass) -> Tensor {
    let start = embeddingNorm(tokens.rows(at: ids, pass), pass).output
    var stream = ResidualStream(
      pass.compute.converted(
        pass.dropout(start, configuration.embeddingDropout, site: "model.embeddings.drop"),
        to: .float32))
    let (global, local) = (globalRotary.table(for: pass), localRotary.table(for: pass))
    for block in blocks {
      let table = block.seesAll ? global : local
      pass.block(&stream) { [configuration] in block.apply(to: &$0, configuration, table, $1) }
    }
    return pass.taking(rows, from: stream.normalized(by: norm, pass))
  }

  public mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try LowRankTransformers.visit(&tokens, visit)
    try embeddingNorm.walk(visit)
    for index in blocks.indices { try blocks[index].walk(visit) }
    try norm.walk(visit)
  }

  public mutating func setDropout(_ probability: Float) { configuration.setDropout(probability) }
}

extension ModelBuilder {
  fileprivate mutating func norm(_ path: String, _ c: ModernBertConfiguration) throws -> NormLayer {
    try norm(.layer, path, width: c.width, epsilon: c.epsilon, bias: c.hasNormBias)
  }
}

extension ModernBert {
  /// One block: attention, then a gated feed-forward network, each behind a norm; the first attention has none.
  private struct Block: Sendable {
    let path: String
    let layer: Int
    let seesAll: Bool
    let attentionNorm: NormLayer?
    var fused: any LinearMap
    var attentionOutput: any LinearMap
    let feedForwardNorm: NormLayer
    var up: any LinearMap
    var down: any LinearMap

    init(
      _ c: ModernBertConfiguration, layer: Int, _ builder: inout ModelBuilder<some WeightSource>
    ) throws {
      let path = "model.layers.\(layer)"
      func map(_ name: String, _ inputs: Int, _ outputs: Int, _ bias: Bool) throws -> any LinearMap
      {
        try builder.linear("\(path).\(name)", inputs: inputs, outputs: outputs, bias: bias)
      }
      self.path = path
      self.layer = layer
      seesAll = c.masks[layer] == .bidirectional
      attentionNorm = try layer == 0 ? nil : builder.norm(path + ".attn_norm", c)
      fused = try map("attn.Wqkv", c.width, 3 * c.width, c.hasAttentionBias)
      attentionOutput = try map("attn.Wo", c.width, c.width, c.hasAttentionBias)
      feedForwardNorm = try builder.norm(path + ".mlp_norm", c)
      up = try map("mlp.Wi", c.width, 2 * c.feedForwardWidth, c.hasFeedForwardBias)
      down = try map("mlp.Wo", c.feedForwardWidth, c.width, c.hasFeedForwardBias)
    }

    func apply(
      to stream: inout ResidualStream, _ c: ModernBertConfiguration, _ table: RotaryTable,
      _ pass: Pass
    ) {
      let compute = pass.compute
      let x =
        attentionNorm.map { stream.normalized(by: $0, pass) } ?? compute.converted(stream.start)
      let qkv = fused(x, pass)
      let turned = compute.rotary(
        compute.columns(0..<2 * c.width, of: qkv), headSize: c.headSize, positions: pass.positions,
        table: table)
      let attend = AttentionCore(
        layer: layer, heads: c.heads, keyHeads: c.heads, headSize: c.headSize,
        scale: 1 / Float(c.headSize).squareRoot(), mask: c.masks[layer],
        dropout: c.attentionDropout, path: path + ".attn")
      let mixed = attend(
        queries: .init(turned, 0..<c.width), keys: .init(turned, c.width..<2 * c.width),
        values: .init(qkv, 2 * c.width..<3 * c.width), pass)
      stream.add(
        pass.dropout(
          attentionOutput(mixed, pass), c.attentionDropout, site: path + ".attn.out_drop"))

      let wide = up(stream.normalized(by: feedForwardNorm, pass), pass)
      let half = c.feedForwardWidth
      let gated = compute.activation(
        c.activation, compute.columns(0..<half, of: wide),
        times: compute.columns(half..<2 * half, of: wide))
      stream.add(
        down(
          pass.dropout(gated, c.feedForwardDropout, site: path + ".mlp.drop"),
          pass.skippingReplayOutput))
    }

    mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
      let width = fused.inputs
      let slices = [Site.Role.query, .key, .value].enumerated().map { index, role in
        Site.Slice(role: role, outputs: index * width..<(index + 1) * width)
      }
      try attentionNorm?.walk(visit)
      try LowRankTransformers.visit(&fused, .fusedAttention, slices: slices, visit)
      try LowRankTransformers.visit(&attentionOutput, .attentionOutput, visit)
      try feedForwardNorm.walk(visit)
      try LowRankTransformers.visit(&up, .up, visit)
      try LowRankTransformers.visit(&down, .down, visit)
    }
  }
}
