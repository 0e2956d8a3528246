import LowRankTensors

/// One block of ViT: attention between all patches, then a feed-forward network, each behind a norm.
struct VisionBlock: Sendable {
  private let path: String
  private let layer: Int
  private let heads: Int
  private let activation: Activation
  private var dropout, attentionDropout: Float
  private let attentionNorm: NormLayer
  private var query, key, value, output: any LinearMap
  private let feedForwardNorm: NormLayer
  private var up, down: any LinearMap

  init(
    _ path: String, layer: Int, _ c: VisionConfiguration,
    _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    func map(
      _ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true
    ) throws -> any LinearMap {
      try builder.linear("\(path).\(name)", inputs: inputs, outputs: outputs, bias: bias)
    }
    func norm(_ name: String) throws -> NormLayer {
      try builder.norm(.layer, "\(path).\(name)", width: c.width, epsilon: c.epsilon)
    }
    self.path = path
    self.layer = layer
    heads = c.heads
    activation = c.activation
    (dropout, attentionDropout) = (c.dropout, c.attentionDropout)
    let hasBias = c.hasAttentionBias
    query = try map("attention.q_proj", c.width, c.width, bias: hasBias)
    key = try map("attention.k_proj", c.width, c.width, bias: hasBias)
    value = try map("attention.v_proj", c.width, c.width, bias: hasBias)
    output = try map("attention.o_proj", c.width, c.width)
    attentionNorm = try norm("layernorm_before")
    feedForwardNorm = try norm("layernorm_after")
    up = try map("mlp.fc1", c.width, c.feedForwardWidth)
    down = try map("mlp.fc2", c.feedForwardWidth, c.width)
  }

  /// Adds the block to the stream, of which the chosen rows alone go on behind the attention.
  func apply(to stream: inout ResidualStream, _ choice: RowChoice?, _ pass: Pass) {
    let compute = pass.compute
    let x = stream.normalized(by: attentionNorm, pass)
    let size = query.outputs / heads
    let attend = AttentionCore(
      layer: layer, heads: heads, keyHeads: heads, headSize: size,
      scale: 1 / Float(size).squareRoot(), mask: .bidirectional, dropout: attentionDropout,
      path: path + ".attention")
    let asking = choice.map { $0.taken(from: x, compute) } ?? x
    let mixed = attend(
      queries: .init(query(asking, pass)), keys: .init(key(x, pass)),
      values: .init(value(x, pass)), segments: choice?.segments, pass)
    if let choice { stream = ResidualStream(choice.taken(from: stream.start, compute)) }
    stream.add(pass.dropout(output(mixed, pass), dropout, site: path + ".attention.dropout"))
    let wide = up(stream.normalized(by: feedForwardNorm, pass), pass)
    stream.add(
      pass.dropout(
        down(compute.activation(activation, wide), pass.skippingReplayOutput), dropout,
        site: path + ".dropout"))
  }

  /// Multiplies its dropouts.
  mutating func setDropout(_ probability: Float) {
    (dropout, attentionDropout) = (probability, probability)
  }

  mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try LowRankTransformers.visit(&query, .query, visit)
    try LowRankTransformers.visit(&key, .key, visit)
    try LowRankTransformers.visit(&value, .value, visit)
    try LowRankTransformers.visit(&output, .attentionOutput, visit)
    try attentionNorm.walk(visit)
    try feedForwardNorm.walk(visit)
    try LowRankTransformers.visit(&up, .up, visit)
    try LowRankTransformers.visit(&down, .down, visit)
  }
}
