import LowRankTensors

extension ReferenceEngine {
  /// `a + b`.
  public func sum(_ a: Tensor, _ b: Tensor) -> Tensor { combined(a, b, +) }

  /// Adds `scale · b` to `a`.
  public func add(_ b: Tensor, scale: Float, to a: inout Tensor) {
    a = combined(a, b) { $0 + Double(scale) * $1 }
  }

  /// `a · b` element by element.
  public func multiply(_ a: Tensor, _ b: Tensor) -> Tensor { combined(a, b, *) }

  /// `a / b` element by element.
  public func quotient(_ a: Tensor, _ b: Tensor) -> Tensor { combined(a, b, /) }

  /// `factor · a`.
  public func scaled(_ a: Tensor, by factor: Float) -> Tensor {
    made(doubles(a).map { Double(factor) * $0 }, a.shape, a.type)
  }

  /// Each element dropped or divided by what remains; see `DropoutMask`.
  public func dropout(_ a: Tensor, probability: Float, key: UInt64, first: Int) -> Tensor {
    let mask = DropoutMask(probability: probability, key: key)
    let numbers = doubles(a).enumerated().map { $1 * mask.factor(stream: 0, index: first + $0) }
    return made(numbers, a.shape, a.type)
  }

  /// One function of each pair of elements, in the type of `a`.
  private func combined(_ a: Tensor, _ b: Tensor, _ function: (Double, Double) -> Double) -> Tensor
  {
    requireEqualShapes(a, b)
    return made(zip(doubles(a), doubles(b)).map(function), a.shape, a.type)
  }
}
