/// The angles of a rotary position embedding as tables over positions.
public struct RotaryTable: Sendable {
  /// f32 `[positions, half]`.
  public let cosine: Tensor
  /// f32 `[positions, half]`.
  public let sine: Tensor

  /// Tables of the cosine and sine of each position's angles.
  public init(cosine: Tensor, sine: Tensor) {
    precondition(cosine.shape == sine.shape, "\(cosine.shape) and \(sine.shape) differ")
    self.cosine = cosine
    self.sine = sine
  }
}

extension Computation {
  /// Rotates the pairs (i, i + half) of each head by the angles of the row's position. (Su et al., arXiv 2104.09864)
  public func rotary(_ x: Tensor, headSize: Int, positions: Tensor, table: RotaryTable) -> Tensor {
    let y = engine.rotary(
      x, headSize: headSize, positions: positions, cosine: table.cosine, sine: table.sine,
      inverse: false)
    tape(for: x)?.record(y) { [x = x.reference] dy, gradients in
      let dx = gradients.engine.rotary(
        dy, headSize: headSize, positions: positions, cosine: table.cosine, sine: table.sine,
        inverse: true)
      gradients.add(dx, to: x)
    }
    return y
  }
}
