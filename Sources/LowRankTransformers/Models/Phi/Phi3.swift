import LowRankTensors

/// Phi-3 and Phi-4-mini: Llama with one map for queries, keys and values, one for gate and up, and rotary positions on a
/// part of each head.
///
/// Abdin et al., arXiv 2404.14219 and 2503.01743. The layout is transformers' `Phi3ForCausalLM`.
public struct Phi3: Backbone {
  /// The numbers of the configuration.
  public private(set) var configuration: Phi3Configuration
  private var tokens: any EmbeddingMap
  private var blocks: [Block]
  private let norm: NormLayer
  private let rotary: RotaryEmbedding

  public let family = "Phi3"
  public let causalClassName: String? = "Phi3ForCausalLM"
  public var vocabularySize: Int { tokens.weight.shape[0] }
  public var positions: Int { configuration.positions }
  public var width: Int { configuration.width }
  public var tiesHead: Bool { configuration.tiesHead }
  public var tokenTable: any EmbeddingMap { tokens }

  /// The model with its weights taken from a builder.
  public init(
    _ configuration: Phi3Configuration, _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    let c = configuration
    self.configuration = c
    tokens = try builder.embedding("model.embed_tokens", count: c.vocabularySize, width: c.width)
    blocks = try (0..<c.layers).map { try Block(c, layer: $0, &builder) }
    norm = try builder.norm(.rootMeanSquare, "model.norm", width: c.width, epsilon: c.epsilon)
    rotary = RotaryEmbedding(c.rotary, headSize: c.headSize)
  }

  public func hidden(_ ids: Tensor, at rows: [Int32]?, _ pass: Pass) -> Tensor {
    var stream = ResidualStream(tokens.rows(at: ids, pass))
    let table = rotary.table(for: pass)
    for block in blocks {
      pass.block(&stream) { [configuration] in block.apply(to: &$0, configuration, table, $1) }
    }
    return pass.taking(rows, from: stream.normalized(by: norm, pass))
  }

  public func classifierHead(
    count: Int, _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any ClassifierHead { try lastRowHead(count: count, &builder) }

  public mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try LowRankTransformers.visit(&tokens, visit)
    for index in blocks.indices { try blocks[index].walk(configuration, visit) }
    try norm.walk(visit)
  }

  public mutating func setDropout(_ probability: Float) {
    configuration.attentionDropout = probability
    configuration.residualDropout = probability
  }
}

extension Phi3 {
  /// One block: attention, then a gated feed-forward network, each behind a norm.
  private struct Block: Sendable {
    let path: String
    let layer: Int
    let attentionNorm: NormLayer
    var fused: any LinearMap
    var attentionOutput: any LinearMap
    let feedForwardNorm: NormLayer
    var gateAndUp: any LinearMap
    var down: any LinearMap

    init(_ c: Phi3Configuration, layer: Int, _ builder: inout ModelBuilder<some WeightSource>)
      throws
    {
      let path = "model.layers.\(layer)"
      func map(_ name: String, _ inputs: Int, _ outputs: Int) throws -> any LinearMap {
        try builder.linear("\(path).\(name)", inputs: inputs, outputs: outputs, bias: false)
      }
      func norm(_ name: String) throws -> NormLayer {
        try builder.norm(.rootMeanSquare, "\(path).\(name)", width: c.width, epsilon: c.epsilon)
      }
      self.path = path
      self.layer = layer
      fused = try map("self_attn.qkv_proj", c.width, c.slices.value.upperBound)
      attentionOutput = try map("self_attn.o_proj", c.heads * c.headSize, c.width)
      gateAndUp = try map("mlp.gate_up_proj", c.width, 2 * c.feedForwardWidth)
      down = try map("mlp.down_proj", c.feedForwardWidth, c.width)
      attentionNorm = try norm("input_layernorm")
      feedForwardNorm = try norm("post_attention_layernorm")
    }

    func apply(
      to stream: inout ResidualStream, _ c: Phi3Configuration, _ table: RotaryTable, _ pass: Pass
    ) {
      let compute = pass.compute
      let qkv = fused(stream.normalized(by: attentionNorm, pass), pass)
      let (query, key, value) = c.slices
      let rotated = compute.rotary(
        compute.columns(0..<key.upperBound, of: qkv), headSize: c.headSize,
        positions: pass.positions, table: table)
      let attend = AttentionCore(
        layer: layer, heads: c.heads, keyHeads: c.keyHeads, headSize: c.headSize,
        scale: 1 / Float(c.headSize).squareRoot(), mask: c.mask, dropout: c.attentionDropout,
        path: path + ".self_attn")
      let mixed = attend(
        queries: .init(rotated, query), keys: .init(rotated, key), values: .init(qkv, value), pass)
      stream.add(
        pass.dropout(
          attentionOutput(mixed, pass), c.residualDropout, site: path + ".resid_attn_dropout"))

      let wide = gateAndUp(stream.normalized(by: feedForwardNorm, pass), pass)
      let half = c.feedForwardWidth
      let gated = compute.activation(
        c.activation, compute.columns(0..<half, of: wide),
        times: compute.columns(half..<2 * half, of: wide))
      stream.add(
        pass.dropout(
          down(gated, pass.skippingReplayOutput), c.residualDropout,
          site: path + ".resid_mlp_dropout"))
    }

    mutating func walk(
      _ c: Phi3Configuration, _ visit: (Site, inout ModuleSlot) throws -> Void
    ) rethrows {
      let (query, key, value) = c.slices
      let half = c.feedForwardWidth
      try LowRankTransformers.visit(
        &fused, .fusedAttention,
        slices: [
          .init(role: .query, outputs: query), .init(role: .key, outputs: key),
          .init(role: .value, outputs: value),
        ], visit)
      try LowRankTransformers.visit(&attentionOutput, .attentionOutput, visit)
      try LowRankTransformers.visit(
        &gateAndUp, .up,
        slices: [
          .init(role: .gate, outputs: 0..<half), .init(role: .up, outputs: half..<2 * half),
        ], visit)
      try LowRankTransformers.visit(&down, .down, visit)
      try attentionNorm.walk(visit)
      try feedForwardNorm.walk(visit)
    }
  }
}
