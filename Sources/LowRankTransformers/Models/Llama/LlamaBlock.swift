import LowRankTensors

/// One block of a Llama-like model: attention, then a gated feed-forward network, each behind a norm.
struct LlamaBlock: Sendable {
  private let path: String
  private let layer: Int
  private let attentionNorm: NormLayer
  private var query: any LinearMap
  private var key: any LinearMap
  private var value: any LinearMap
  private var attentionOutput: any LinearMap
  private let queryNorm: NormLayer?
  private let keyNorm: NormLayer?
  private let feedForwardNorm: NormLayer
  private var gate: any LinearMap
  private var up: any LinearMap
  private var down: any LinearMap

  init(_ c: LlamaConfiguration, layer: Int, _ builder: inout ModelBuilder<some WeightSource>)
    throws
  {
    let path = "model.layers.\(layer)"
    func map(_ name: String, _ inputs: Int, _ outputs: Int, _ bias: Bool) throws -> any LinearMap {
      try builder.linear("\(path).\(name)", inputs: inputs, outputs: outputs, bias: bias)
    }
    func norm(_ name: String, _ width: Int) throws -> NormLayer {
      try builder.norm(.rootMeanSquare, "\(path).\(name)", width: width, epsilon: c.epsilon)
    }
    self.path = path
    self.layer = layer
    let keyWidth = c.keyHeads * c.headSize
    query = try map("self_attn.q_proj", c.width, c.heads * c.headSize, c.hasQueryBias)
    key = try map("self_attn.k_proj", c.width, keyWidth, c.hasQueryBias)
    value = try map("self_attn.v_proj", c.width, keyWidth, c.hasQueryBias)
    attentionOutput = try map("self_attn.o_proj", c.heads * c.headSize, c.width, c.hasOutputBias)
    queryNorm = try c.family == .qwen3 ? norm("self_attn.q_norm", c.headSize) : nil
    keyNorm = try c.family == .qwen3 ? norm("self_attn.k_norm", c.headSize) : nil
    gate = try map("mlp.gate_proj", c.width, c.feedForwardWidth, c.hasFeedForwardBias)
    up = try map("mlp.up_proj", c.width, c.feedForwardWidth, c.hasFeedForwardBias)
    down = try map("mlp.down_proj", c.feedForwardWidth, c.width, c.hasFeedForwardBias)
    attentionNorm = try norm("input_layernorm", c.width)
    feedForwardNorm = try norm("post_attention_layernorm", c.width)
  }

  func apply(
    to stream: inout ResidualStream, _ c: LlamaConfiguration, _ table: RotaryTable, _ pass: Pass
  ) {
    let x = stream.normalized(by: attentionNorm, pass)
    let q = rotated(query(x, pass), queryNorm, c, table, pass)
    let k = rotated(key(x, pass), keyNorm, c, table, pass)
    let v = value(x, pass)
    let attend = AttentionCore(
      layer: layer, heads: c.heads, keyHeads: c.keyHeads, headSize: c.headSize,
      scale: 1 / Float(c.headSize).squareRoot(), mask: c.masks[layer],
      dropout: c.attentionDropout, path: path + ".self_attn")
    stream.add(
      attentionOutput(attend(queries: .init(q), keys: .init(k), values: .init(v), pass), pass))

    let h = stream.normalized(by: feedForwardNorm, pass)
    let gated = pass.compute.activation(c.activation, gate(h, pass), times: up(h, pass))
    stream.add(down(gated, pass.skippingReplayOutput))
  }

  /// Normalizes each head if the family does, then rotates it by its position if the layer does.
  private func rotated(
    _ x: Tensor, _ norm: NormLayer?, _ c: LlamaConfiguration, _ table: RotaryTable, _ pass: Pass
  ) -> Tensor {
    var x = x
    if let norm {
      let heads = pass.compute.reshaped(x, to: [x.count / c.headSize, c.headSize])
      x = pass.compute.reshaped(norm(heads, pass).output, to: x.shape)
    }
    guard c.hasRotary[layer] else { return x }
    return pass.compute.rotary(x, headSize: c.headSize, positions: pass.positions, table: table)
  }

  mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try LowRankTransformers.visit(&query, .query, visit)
    try LowRankTransformers.visit(&key, .key, visit)
    try LowRankTransformers.visit(&value, .value, visit)
    try LowRankTransformers.visit(&attentionOutput, .attentionOutput, visit)
    try queryNorm?.walk(visit)
    try keyNorm?.walk(visit)
    try LowRankTransformers.visit(&gate, .gate, visit)
    try LowRankTransformers.visit(&up, .up, visit)
    try LowRankTransformers.visit(&down, .down, visit)
    try attentionNorm.walk(visit)
    try feedForwardNorm.walk(visit)
  }
}
