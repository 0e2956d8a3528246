import LowRankTensors

/// One block of BERT and its descendants: attention, then a feed-forward network, each added to what it was given and
/// the sum normalised.
struct PostNormBlock<Attention: SelfAttention>: Sendable {
  /// The names of the modules of a block.
  struct Names: Sendable {
    var output = "attention.output.dense"
    var attentionNorm = "attention.output.LayerNorm"
    var up = "intermediate.dense"
    var down = "output.dense"
    var outputNorm = "output.LayerNorm"
  }

  private let path: String
  private let activation: Activation
  private var attentionOutputDropout: Float?
  private var outputDropout: Float
  private var attention: Attention
  private var output: any LinearMap
  private let attentionNorm: NormLayer
  private var up: any LinearMap
  private var down: any LinearMap
  private let outputNorm: NormLayer

  init(
    _ path: String, names: Names = Names(), _ c: EncoderConfiguration, attention: Attention,
    dropsAttentionOutput: Bool = true, _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    func map(_ name: String, _ inputs: Int, _ outputs: Int) throws -> any LinearMap {
      try builder.linear("\(path).\(name)", inputs: inputs, outputs: outputs, bias: true)
    }
    func norm(_ name: String) throws -> NormLayer {
      try builder.norm(.layer, "\(path).\(name)", width: c.width, epsilon: c.epsilon)
    }
    self.path = path
    self.attention = attention
    activation = c.activation
    attentionOutputDropout = dropsAttentionOutput ? c.dropout : nil
    outputDropout = c.dropout
    output = try map(names.output, c.width, c.width)
    attentionNorm = try norm(names.attentionNorm)
    up = try map(names.up, c.width, c.feedForwardWidth)
    down = try map(names.down, c.feedForwardWidth, c.width)
    outputNorm = try norm(names.outputNorm)
  }

  /// The block of `[rows, width]`, behind the attention of the chosen rows only.
  func apply(
    _ x: Tensor, _ relative: RelativeRows?, _ choice: RowChoice?, _ pass: Pass
  ) -> Tensor {
    let mixed = output(attention.apply(x, relative, choice, pass), pass)
    let kept = choice.map { $0.taken(from: x, pass.compute) } ?? x
    let dropped = pass.dropout(
      mixed, attentionOutputDropout ?? 0, site: path + ".attention.output.dropout")
    let middle = attentionNorm(kept, adding: dropped, pass).output
    let fed = down(pass.compute.activation(activation, up(middle, pass)), pass)
    return outputNorm(
      middle, adding: pass.dropout(fed, outputDropout, site: path + ".output.dropout"), pass
    ).output
  }

  /// Multiplies its dropouts.
  mutating func setDropout(_ probability: Float) {
    if attentionOutputDropout != nil { attentionOutputDropout = probability }
    outputDropout = probability
    attention.setDropout(probability)
  }

  mutating func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    try attention.walk(visit)
    try LowRankTransformers.visit(&output, .attentionOutput, visit)
    try attentionNorm.walk(visit)
    try LowRankTransformers.visit(&up, .up, visit)
    try LowRankTransformers.visit(&down, .down, visit)
    try outputNorm.walk(visit)
  }
}

extension Array {
  /// What the blocks make of `[rows, width]`, behind the last attention only of the wanted rows.
  func applied<Attention>(
    to x: Tensor, _ relative: RelativeRows? = nil, at rows: [Int32]?, _ pass: Pass
  ) -> Tensor
  where Element == PostNormBlock<Attention> {
    var x = x
    let choice = rows.flatMap { RowChoice($0, of: pass.rows, pass.compute.engine) }
    for (index, block) in enumerated() {
      let chosen = index == count - 1 ? choice : nil
      x = pass.block(x) { block.apply($0, relative, chosen, $1) }
    }
    return choice == nil || isEmpty ? pass.taking(rows, from: x) : x
  }
}

extension Pass {
  /// The given rows of a tensor; all of them where none are named.
  func taking(_ rows: [Int32]?, from x: Tensor) -> Tensor {
    guard let rows else { return x }
    return compute.rows(
      of: x, at: compute.engine.tensor(rows, [rows.count]), type: x.type)
  }
}
