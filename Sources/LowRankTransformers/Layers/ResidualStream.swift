import LowRankTensors

/// The residual stream of a model: the sum so far, and the last block's output, which the next norm adds.
///
/// The sum stays in f32; blocks write in the computation's type.
struct ResidualStream {
  private var sum: Tensor
  private var delta: Tensor?

  init(_ start: Tensor) { sum = start }

  /// The stream as the tensors it is made of.
  init(_ parts: [Tensor]) {
    sum = parts[0]
    delta = parts.count > 1 ? parts[1] : nil
  }

  /// The tensors it is made of.
  var parts: [Tensor] { [sum] + (delta.map { [$0] } ?? []) }

  /// The stream before anything was added.
  var start: Tensor { sum }

  /// Normalises the stream for the next block.
  mutating func normalized(by norm: NormLayer, _ pass: Pass) -> Tensor {
    let (sum, output) = norm(self.sum, adding: delta, pass)
    self.sum = sum
    delta = nil
    return output
  }

  /// Adds a block's output.
  mutating func add(_ output: Tensor) { delta = output }
}
