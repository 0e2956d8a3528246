import Foundation
import LowRankTensors

extension ReferenceEngine {
  /// `f(x)`, or `f(x) · other`.
  public func activation(_ f: Activation, _ x: Tensor, times other: Tensor?) -> Tensor {
    let result = made(doubles(x).map { f.value(at: $0) }, x.shape, x.type)
    return other.map { multiply(result, $0) } ?? result
  }

  /// `output · f′(x) · other` and `output · f(x)`.
  public func activationGradient(
    _ f: Activation, _ x: Tensor, times other: Tensor?, output: Tensor
  ) -> (x: Tensor, other: Tensor?) {
    requireEqualShapes(x, output)
    let slopes = made(doubles(x).map { f.slope(at: $0) }, x.shape, x.type)
    let values = made(doubles(x).map { f.value(at: $0) }, x.shape, x.type)
    guard let other else { return (multiply(slopes, output), nil) }
    return (
      multiply(multiply(slopes, output), other),
      converted(multiply(values, output), to: other.type)
    )
  }
}

extension Activation {
  /// √(2/π) and the cubic coefficient of GELU through tanh.
  private static let tanhScale = (2 / Double.pi).squareRoot()
  private static let cubic = 0.044715

  /// f(x).
  func value(at x: Double) -> Double {
    switch self {
    case .gelu: x / 2 * erfc(-x / 2.0.squareRoot())
    case .geluTanh: x / 2 * (1 + Foundation.tanh(Self.tanhScale * (x + Self.cubic * x * x * x)))
    case .silu: x / (1 + exp(-x))
    case .relu: max(x, 0)
    case .tanh: Foundation.tanh(x)
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    }
  }

  /// f′(x); that of relu at 0 is 0.
  func slope(at x: Double) -> Double {
    switch self {
    case .gelu:
      return erfc(-x / 2.0.squareRoot()) / 2 + x * exp(-x * x / 2) / (2 * .pi).squareRoot()
    case .geluTanh:
      let t = Foundation.tanh(Self.tanhScale * (x + Self.cubic * x * x * x))
      return (1 + t) / 2 + x / 2 * (1 - t * t) * Self.tanhScale * (1 + 3 * Self.cubic * x * x)
    case .silu:
      let sigmoid = 1 / (1 + exp(-x))
      return sigmoid * (1 + x * (1 - sigmoid))
    case .relu:
      return x > 0 ? 1 : 0
    case .tanh:
      let t = Foundation.tanh(x)
      return 1 - t * t
    case .softplus:
      return 1 / (1 + exp(-x))
    }
  }
}
