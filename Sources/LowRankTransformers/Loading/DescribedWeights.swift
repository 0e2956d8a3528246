import LowRankCheckpoints
import LowRankTensors

/// No weights at all: for reading from a configuration what a model consists of.
public struct DescribedWeights: WeightSource {
  /// A source of nothing.
  public init() {}

  public func has(_ name: String) -> Bool { true }

  public mutating func tensor(_ name: String, _ shape: Shape, role: Parameter.Role) -> Tensor? {
    nil
  }
}

extension Architectures {
  /// The model that a configuration describes, without values.
  ///
  /// - Throws: as ``model(_:as:_:)``.
  public static func described(by config: some JSONFields) throws -> any Architecture {
    var builder = ModelBuilder(DescribedWeights())
    return try model(config, &builder)
  }
}
