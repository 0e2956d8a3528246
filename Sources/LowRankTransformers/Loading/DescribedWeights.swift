import LowRankCheckpoints
import LowRankTensors

/// No weights at all: for reading from a configuration what a model consists of.
public struct DescribedWeights: WeightSource {
  private let nothing: Tensor

  /// A source on an engine that holds one number.
  public init(_ engine: any Engine) { nothing = engine.zeros([1], type: .float32) }

  public func has(_ name: String) -> Bool { true }

  public mutating func tensor(_ name: String, _ shape: Shape, role: Parameter.Role) -> Tensor {
    nothing
  }
}

extension Architectures {
  /// The model that a configuration describes, without values.
  ///
  /// - Throws: as ``causal(_:_:)``.
  public static func described(by config: some JSONFields) throws -> any CausalArchitecture {
    var builder = ModelBuilder(DescribedWeights(CPUEngine()))
    return try causal(config, &builder)
  }
}
