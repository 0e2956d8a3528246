import LowRankTensors

/// The convolution over neighbouring tokens that the largest DeBERTa-v2 models add behind their first block.
///
/// `y_t = norm(x_t + f(Σ_u W_u e_{t+u} + b))` with `e` the embeddings and `u` from −(k − 1)/2 to (k − 1)/2; beyond the ends
/// of a sequence there is nothing.
struct RowConvolution: Sendable {
  private let path: String
  private let size: Int
  private let activation: Activation
  private let weight: Parameter
  private let bias: Parameter
  private let norm: NormLayer
  private var dropout: Float

  /// Filters `[outputs, inputs, k]` under `path`.
  init(_ path: String, _ c: DebertaConfiguration, _ builder: inout ModelBuilder<some WeightSource>)
    throws
  {
    let width = c.encoder.width
    let module = path + ".conv"
    self.path = path
    size = c.kernelSize
    activation = c.convolutionActivation
    weight = try builder.parameter("weight", [width, width, size], .weight, of: module)
    bias = try builder.parameter("bias", [width], .bias, of: module)
    norm = try builder.norm(.layer, path + ".LayerNorm", width: width, epsilon: c.encoder.epsilon)
    dropout = c.encoder.dropout
  }

  func apply(_ x: Tensor, embeddings: Tensor, _ pass: Pass) -> Tensor {
    let compute = pass.compute
    let width = weight.shape[0]
    let filters = compute.reshaped(pass.value(weight), to: [width * width, size])
    var sum: Tensor?
    for tap in 0..<size {
      let filter = compute.reshaped(
        compute.columns(tap..<tap + 1, of: filters), to: [width, width])
      let part = compute.linear(
        neighbours(of: embeddings, at: tap - size / 2, pass), LinearWeight(filter),
        bias: tap == 0 ? pass.value(bias) : nil)
      sum = sum.map { compute.sum($0, part) } ?? part
    }
    guard let sum else { return x }
    let dropped = pass.dropout(sum, dropout, site: path + ".dropout")
    return norm(x, adding: compute.activation(activation, dropped), pass).output
  }

  /// The row `offset` further in the same sequence, or zeros.
  private func neighbours(of x: Tensor, at offset: Int, _ pass: Pass) -> Tensor {
    guard offset != 0 else { return x }
    let engine = pass.compute.engine
    var rows: [Int32] = []
    var isThere: [Float] = []
    for segment in pass.rows.segments {
      for row in segment {
        let inside = segment.contains(row + offset)
        rows.append(Int32(inside ? row + offset : row))
        isThere += [Float](repeating: inside ? 1 : 0, count: x.shape.columns)
      }
    }
    let moved = pass.compute.rows(of: x, at: engine.tensor(rows, [rows.count]), type: x.type)
    return pass.compute.multiply(moved, engine.tensor(isThere, x.shape, type: x.type))
  }

  mutating func setDropout(_ probability: Float) { dropout = probability }

  func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    var place = ModuleSlot.plain([weight, bias])
    try visit(Site(weight.module, .loose), &place)
    try norm.walk(visit)
  }
}
