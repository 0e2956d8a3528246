import LowRankTensors

/// A random share of a tensor's elements, divided by that share: DARE's drop and rescale.
///
/// Element i is kept where the i-th number of the Philox stream of a tensor is below the density, so that what is dropped
/// depends on seed, module, factor and adapter alone.
package struct RandomMask {
  let density: Double
  let seed: UInt64

  func pruned(_ tensor: [Float], key: UInt64) -> [Float] {
    guard density < 1 else { return tensor }
    var random = Philox(key: seed, stream: key)
    let (limit, divisor) = (Float(density), Float(density))
    return tensor.map { random.uniform() < limit ? $0 / divisor : 0 }
  }

  /// The stream of a tensor: FNV-1a of `path/part/adapter`.
  package static func key(path: String, part: String, adapter: Int) -> UInt64 {
    "\(path)/\(part)/\(adapter)".utf8.reduce(0xcbf2_9ce4_8422_2325) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
  }
}
