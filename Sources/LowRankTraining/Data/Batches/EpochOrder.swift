import LowRankTensors
import LowRankTransformers

/// The order of the examples in one epoch: a function of the seed and the epoch alone; without a seed
/// that of the file.
func epochOrder(count: Int, epoch: Int, seed: UInt64?) -> [Int] {
  guard let seed else { return Array(0..<count) }
  var random = Philox(key: RandomKey(seed: seed, step: epoch).key(for: "order of the examples"))
  return random.shuffled(0..<count)
}
