import LowRankTensors

extension ReferenceEngine {
  /// One step of AdamW; see `AdamWStep`.
  public func adamW(
    _ step: AdamWStep, gradient: Tensor, value: inout Tensor, first: inout Tensor,
    second: inout Tensor
  ) {
    for other in [value, first, second] { requireEqualShapes(gradient, other) }
    let (beta1, beta2) = (Double(step.beta1), Double(step.beta2))
    let rate = Double(step.rate)
    let g = doubles(gradient).map { Double(step.gradientScale) * $0 }
    let m = zip(doubles(first), g).map { beta1 * $0 + (1 - beta1) * $1 }
    let v = zip(doubles(second), g).map { beta2 * $0 + (1 - beta2) * $1 * $1 }
    change(&value) { w in
      for i in w.indices {
        let deviation = (v[i] / Double(step.correction2)).squareRoot() + Double(step.epsilon)
        w[i] =
          w[i] * (1 - rate * Double(step.weightDecay))
          - rate * (m[i] / Double(step.correction1)) / deviation
      }
    }
    first = made(m, first.shape, first.type)
    second = made(v, second.shape, second.type)
  }
}
