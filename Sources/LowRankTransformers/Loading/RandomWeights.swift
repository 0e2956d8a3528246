import Foundation
import LowRankTensors

/// The random start of a model that is trained from nothing: matrices from a uniform distribution of the
/// given deviation, norms at one, biases at zero.
///
/// Each number is a function of the seed and the weight's name, so the order of construction does not
/// matter.
public struct RandomWeights: WeightSource {
  private let engine: any Engine
  private let type: ElementType
  private let seed: RandomKey
  private let deviation: Float
  private var bytes = 0

  /// A start from a seed; transformers' `initializer_range` is 0.02.
  public init(engine: any Engine, type: ElementType, seed: UInt64, deviation: Float = 0.02) {
    self.engine = engine
    self.type = type
    self.seed = RandomKey(seed: seed, step: 0)
    self.deviation = deviation
  }

  public func has(_ name: String) -> Bool { true }

  public mutating func tensor(_ name: String, _ shape: Shape, role: Parameter.Role) throws
    -> Tensor?
  {
    bytes += shape.count * type.size
    let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    guard bytes <= memory else {
      throw ModelError.tooLarge(name: name, bytes: bytes, memory: memory)
    }
    switch role {
    case .norm: return engine.filled(1, shape)
    case .bias: return engine.filled(0, shape)
    default:
      var random = Philox(key: seed.key(for: name))
      let bound = deviation * Float(3).squareRoot()
      let values = (0..<shape.count).map { _ in (2 * random.uniform() - 1) * bound }
      return engine.tensor(values, shape, type: type)
    }
  }
}
