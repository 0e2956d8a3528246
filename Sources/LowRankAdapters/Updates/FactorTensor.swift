import LowRankTensors

/// A tensor of an adapter on its way to or from a checkpoint, row-major.
public struct FactorTensor: Hashable, Sendable {
  /// The name without PEFT's prefix: the module's path and the factor's name.
  public let name: String
  /// The extents.
  public let shape: Shape
  /// The numbers.
  public let values: [Float]

  /// A tensor.
  public init(_ name: String, _ shape: Shape, _ values: [Float]) {
    self.name = name
    self.shape = shape
    self.values = values
  }
}
