import LowRankTensors

/// One block of Gemma 3: attention, then a gated feed-forward network, each between two norms.
struct Gemma3Block: Sendable {
  private let path: String
  private let layer: Int
  /// Whether attention sees all earlier rows.
  let isGlobal: Bool
  private let attentionNorm: NormLayer
  private var query: any LinearMap
  private var key: any LinearMap
  private var value: any LinearMap
  private var attentionOutput: any LinearMap
  private let queryNorm: NormLayer
  private let keyNorm: NormLayer
  private let afterAttentionNorm: NormLayer
  private let feedForwardNorm: NormLayer
  private var gate: any LinearMap
  private var up: any LinearMap
  private var down: any LinearMap
  private let afterFeedForwardNorm: NormLayer

  init(_ c: Gemma3Configuration, layer: Int, _ builder: inout ModelBuilder<some WeightSource>)
    throws
  {
    let path = "model.layers.\(layer)"
    func map(_ name: String, _ inputs: Int, _ outputs: Int, _ bias: Bool = false) throws
      -> any LinearMap
    {
      try builder.linear("\(path).\(name)", inputs: inputs, outputs: outputs, bias: bias)
    }
    func norm(_ name: String, _ width: Int) throws -> NormLayer {
      try builder.norm(
        .rootMeanSquarePlusOne, "\(path).\(name)", width: width, epsilon: c.epsilon)
    }
    self.path = path
    self.layer = layer
    isGlobal = c.masks[layer] == .causal
    let (width, keyWidth) = (c.heads * c.headSize, c.keyHeads * c.headSize)
    query = try map("self_attn.q_proj", c.width, width, c.hasAttentionBias)
    key = try map("self_attn.k_proj", c.width, keyWidth, c.hasAttentionBias)
    value = try map("self_attn.v_proj", c.width, keyWidth, c.hasAttentionBias)
    attentionOutput = try map("self_attn.o_proj", width, c.width, c.hasAttentionBias)
    queryNorm = try norm("self_attn.q_norm", c.headSize)
    keyNorm = try norm("self_attn.k_norm", c.headSize)
    gate = try map("mlp.gate_proj", c.width, c.feedForwardWidth)
    up = try map("mlp.up_proj", c.width, c.feedForwardWidth)
    down = try map("mlp.down_proj", c.feedForwardWidth, c.width)
    attentionNorm = try norm("input_layernorm", c.width)
    afterAttentionNorm = try norm("post_attention_layernorm", c.width)
    feedForwardNorm = try norm("pre_feedforward_layernorm", c.width)
    afterFeedForwardNorm = try norm("post_feedforward_layernorm", c.width)
  }

  func apply(
    to stream: inout ResidualStream, _ c: Gemma3Configuration, _ table: RotaryTable, _ pass: Pass
  ) {
    let x = stream.normalized(by: attentionNorm, pass)
    let q = rotated(query(x, pass), queryNorm, c, table, pass)
    let k = rotated(key(x, pass), keyNorm, c, table, pass)
    let v = value(x, pass)
    let attend = AttentionCore(
      layer: layer, heads: c.heads, keyHeads: c.keyHeads, headSize: c.headSize,
      scale: Float(1 / c.scoreDivisor.squareRoot()), mask: c.masks[layer],
      dropout: c.attentionDropout, path: path + ".self_attn")
    let attended = attentionOutput(
      attend(queries: .init(q), keys: .init(k), values: .init(v), pass), pass)
    stream.add(afterAttentionNorm(attended, pass).output)

    let h = stream.normalized(by: feedForwardNorm, pass)
    let gated = pass.compute.activation(c.activation, gate(h, pass), times: up(h, pass))
    stream.add(afterFeedForwardNorm(down(gated, pass), pass).output)
  }

  /// Normalizes each head, then rotates it by its position.
  private func rotated(
    _ x: Tensor, _ norm: NormLayer, _ c: Gemma3Configuration, _ table: RotaryTable, _ pass: Pass
  ) -> Tensor {
    let heads = pass.compute.reshaped(x, to: [x.count / c.headSize, c.headSize])
    let normalized = pass.compute.reshaped(norm(heads, pass).output, to: x.shape)
    return pass.compute.rotary(
      normalized, headSize: c.headSize, positions: pass.positions, table: table)
  }

  mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try LowRankTransformers.visit(&query, .query, visit)
    try LowRankTransformers.visit(&key, .key, visit)
    try LowRankTransformers.visit(&value, .value, visit)
    try LowRankTransformers.visit(&attentionOutput, .attentionOutput, visit)
    try queryNorm.walk(visit)
    try keyNorm.walk(visit)
    try LowRankTransformers.visit(&gate, .gate, visit)
    try LowRankTransformers.visit(&up, .up, visit)
    try LowRankTransformers.visit(&down, .down, visit)
    try attentionNorm.walk(visit)
    try afterAttentionNorm.walk(visit)
    try feedForwardNorm.walk(visit)
    try afterFeedForwardNorm.walk(visit)
  }
}
