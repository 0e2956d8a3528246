import LowRankTensors

/// A norm with its weight and bias.
public struct NormLayer: Sendable {
  /// Which norm.
  public let kind: Norm
  /// The weight, `[width]`.
  public let weight: Parameter
  /// The bias, `[width]`; nil where there is none.
  public let bias: Parameter?
  /// What is added to the variance.
  public let epsilon: Float

  /// Adds `delta` to the stream and normalises the sum.
  public func callAsFunction(_ x: Tensor, adding delta: Tensor? = nil, _ pass: Pass)
    -> (sum: Tensor, output: Tensor)
  {
    pass.compute.norm(
      kind, x, adding: delta, weight: pass.value(weight), bias: bias.map { pass.value($0) },
      epsilon: epsilon)
  }

  /// Hands out the norm in a walk.
  func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    var place = ModuleSlot.plain([weight] + (bias.map { [$0] } ?? []))
    try visit(Site(weight.module, .norm), &place)
  }
}
