import LowRankCheckpoints
import LowRankTensors

/// GPT-2: learned positions, pre-norm blocks, one fused projection for queries, keys and values.
///
/// Radford et al., "Language Models are Unsupervised Multitask Learners", 2019; the layout is
/// transformers' `GPT2LMHeadModel`.
public struct GPT2: Backbone {
  public let family = "GPT2"
  public let causalClassName: String? = "GPT2LMHeadModel"
  /// The numbers of the configuration.
  public private(set) var configuration: GPT2Configuration
  private var tokens: any EmbeddingMap
  private var places: any EmbeddingMap
  private var blocks: [Block]
  private let norm: NormLayer

  public var vocabularySize: Int { tokens.weight.shape[0] }
  public var positions: Int { configuration.positions }
  public var positionLimit: Int? { configuration.positions }
  public var width: Int { configuration.width }
  public var tiesHead: Bool { configuration.tiesHead }
  public var tokenTable: any EmbeddingMap { tokens }

  /// The model with its weights taken from a builder.
  public init(_ configuration: GPT2Configuration, _ builder: inout ModelBuilder<some WeightSource>)
    throws
  {
    let c = configuration
    self.configuration = c
    tokens = try builder.embedding("transformer.wte", count: c.vocabularySize, width: c.width)
    places = try builder.embedding("transformer.wpe", count: c.positions, width: c.width)
    blocks = try (0..<c.layers).map { try Block(c, layer: $0, &builder) }
    norm = try builder.norm(.layer, "transformer.ln_f", width: c.width, epsilon: c.epsilon)
  }

  public func hidden(_ ids: Tensor, at rows: [Int32]?, _ pass: Pass) -> Tensor {
    let start = pass.compute.sum(tokens.rows(at: ids, pass), places.rows(at: pass.positions, pass))
    var stream = ResidualStream(
      pass.dropout(start, configuration.embeddingDropout, site: "transformer.drop"))
    for block in blocks {
      pass.block(&stream) { [configuration] in block.apply(to: &$0, configuration, $1) }
    }
    return pass.taking(rows, from: stream.normalized(by: norm, pass))
  }

  public func classifierHead(
    count: Int, _ builder: inout ModelBuilder<some WeightSource>
  ) throws -> any ClassifierHead { try lastRowHead(count: count, &builder) }

  public mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try LowRankTransformers.visit(&tokens, visit)
    try LowRankTransformers.visit(&places, visit)
    for index in blocks.indices { try blocks[index].walk(visit) }
    try norm.walk(visit)
  }

  public mutating func setDropout(_ probability: Float) {
    configuration.embeddingDropout = probability
    configuration.residualDropout = probability
    configuration.attentionDropout = probability
  }
}

extension GPT2 {
  /// One block: attention, then a feed-forward network, each behind a norm.
  private struct Block: Sendable {
    let path: String
    let layer: Int
    let attentionNorm: NormLayer
    var fused: any LinearMap
    var attentionOutput: any LinearMap
    let feedForwardNorm: NormLayer
    var up: any LinearMap
    var down: any LinearMap

    init(_ c: GPT2Configuration, layer: Int, _ builder: inout ModelBuilder<some WeightSource>)
      throws
    {
      func map(_ name: String, _ inputs: Int, _ outputs: Int) throws -> any LinearMap {
        try builder.linear(
          "transformer.h.\(layer).\(name)", inputs: inputs, outputs: outputs, bias: true,
          inputsFirst: true)
      }
      func norm(_ name: String) throws -> NormLayer {
        try builder.norm(
          .layer, "transformer.h.\(layer).\(name)", width: c.width, epsilon: c.epsilon)
      }
      self.path = "transformer.h.\(layer)"
      self.layer = layer
      attentionNorm = try norm("ln_1")
      fused = try map("attn.c_attn", c.width, 3 * c.width)
      attentionOutput = try map("attn.c_proj", c.width, c.width)
      feedForwardNorm = try norm("ln_2")
      up = try map("mlp.c_fc", c.width, c.feedForwardWidth)
      down = try map("mlp.c_proj", c.feedForwardWidth, c.width)
    }

    func apply(to stream: inout ResidualStream, _ c: GPT2Configuration, _ pass: Pass) {
      let qkv = fused(stream.normalized(by: attentionNorm, pass), pass)
      let attend = AttentionCore(
        layer: layer, heads: c.heads, keyHeads: c.heads, headSize: c.headSize,
        scale: c.attentionScale(layer: layer), mask: .causal, dropout: c.attentionDropout,
        path: path + ".attn")
      let mixed = attend(
        queries: .init(qkv, 0..<c.width), keys: .init(qkv, c.width..<2 * c.width),
        values: .init(qkv, 2 * c.width..<3 * c.width), pass)
      stream.add(
        pass.dropout(
          attentionOutput(mixed, pass), c.residualDropout, site: path + ".attn.resid_dropout"))

      let h = up(stream.normalized(by: feedForwardNorm, pass), pass)
      let output = down(pass.compute.activation(c.activation, h), pass.skippingReplayOutput)
      stream.add(pass.dropout(output, c.residualDropout, site: path + ".mlp.dropout"))
    }

    mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
      let width = fused.inputs
      let slices = [Site.Role.query, .key, .value].enumerated().map { index, role in
        Site.Slice(role: role, outputs: index * width..<(index + 1) * width)
      }
      try attentionNorm.walk(visit)
      try LowRankTransformers.visit(&fused, .fusedAttention, slices: slices, visit)
      try LowRankTransformers.visit(&attentionOutput, .attentionOutput, visit)
      try feedForwardNorm.walk(visit)
      try LowRankTransformers.visit(&up, .up, visit)
      try LowRankTransformers.visit(&down, .down, visit)
    }
  }
}
