import LowRankTensors

extension Philox {
  /// Uniform numbers from −bound to bound.
  mutating func uniforms(_ count: Int, within bound: Float) -> [Float] {
    (0..<count).map { _ in (2 * uniform() - 1) * bound }
  }

  /// Normal numbers of mean 0.
  mutating func normals(_ count: Int, deviation: Double) -> [Float] {
    (0..<count).map { _ in Float(deviation * normal()) }
  }
}
