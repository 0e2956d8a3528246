/// A normalisation of row vectors.
public enum Norm: Hashable, Sendable, CaseIterable {
  /// `(x − mean) / √(variance + ε) · weight + bias`.
  case layer
  /// `x / √(mean of squares + ε) · weight`.
  case rootMeanSquare
  /// `x / √(mean of squares + ε) · (1 + weight)`, which is Gemma's.
  case rootMeanSquarePlusOne

  /// What is added to the weight before it multiplies.
  public var weightOffset: Float { self == .rootMeanSquarePlusOne ? 1 : 0 }
}

/// An element-wise nonlinearity.
public enum Activation: String, Hashable, Sendable, CaseIterable {
  /// `x/2 · (1 + erf(x/√2))`.
  case gelu
  /// GELU through tanh, transformers' `gelu_new` and `gelu_pytorch_tanh`.
  case geluTanh
  /// `x · sigmoid(x)`.
  case silu
  /// `max(x, 0)`.
  case relu
  /// `tanh(x)`.
  case tanh
  /// `log(1 + eˣ)`.
  case softplus
}
