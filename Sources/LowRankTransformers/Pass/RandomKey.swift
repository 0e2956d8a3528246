import LowRankTensors

/// The key of a pass's random numbers: a function of the run's seed, the step and the micro-batch.
///
/// Every site of the model derives a key of its own, so that what is dropped where does not depend on
/// the order of computation, and a resumed run drops the same elements.
public struct RandomKey: Hashable, Sendable {
  /// The rows of the micro-batch that stand before those of the pass.
  let rowsBefore: Int
  /// The sequences of the micro-batch that stand before those of the pass.
  let sequencesBefore: Int
  private let base: UInt64

  /// The key of one micro-batch of one step, or of a part of it, which drops what the whole drops there.
  public init(
    seed: UInt64, step: Int, microbatch: Int = 0, rowsBefore: Int = 0, sequencesBefore: Int = 0
  ) {
    self.rowsBefore = rowsBefore
    self.sequencesBefore = sequencesBefore
    base = Self.mixed(
      Self.mixed(Self.mixed(seed) ^ UInt64(bitPattern: Int64(step))) ^ UInt64(microbatch))
  }

  /// The key of a site.
  public func key(for site: String) -> UInt64 {
    Self.mixed(site.utf8.reduce(base) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
  }

  /// SplitMix64's finaliser: every bit of the input reaches every bit of the result.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
