extension Computation {
  /// `f(x)`, or `f(x) · other` where a second factor is given, in the type of `x`.
  public func activation(_ f: Activation, _ x: Tensor, times other: Tensor? = nil) -> Tensor {
    let y = engine.activation(f, x, times: other)
    tape(for: x, other)?.record(y) { dy, gradients in
      let result = gradients.engine.activationGradient(f, x, times: other, output: dy)
      gradients.add(result.x, to: x.reference)
      if let other, let gradient = result.other { gradients.add(gradient, to: other.reference) }
    }
    return y
  }
}
