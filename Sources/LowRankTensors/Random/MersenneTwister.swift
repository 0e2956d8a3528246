/// The Mersenne Twister MT19937, seeded and read as torch's generator on a CPU.
///
/// Adapters of PEFT may hold the seed of a random matrix instead of its numbers. (Matsumoto and Nishimura, "Mersenne
/// Twister", ACM TOMACS 8, 1998)
public struct MersenneTwister: Sendable {
  private static let length = 624
  private static let distance = 397
  private var state: [UInt32]
  private var next = MersenneTwister.length

  /// The generator with a seed, of which the lower 32 bits count.
  public init(seed: UInt64) {
    var word = UInt32(truncatingIfNeeded: seed)
    state = [word]
    state.reserveCapacity(Self.length)
    for index in 1..<UInt32(Self.length) {
      word = 1_812_433_253 &* (word ^ word >> 30) &+ index
      state.append(word)
    }
  }

  /// The next word.
  public mutating func nextWord() -> UInt32 {
    if next == Self.length { turn() }
    var word = state[next]
    next += 1
    word ^= word >> 11
    word ^= word << 7 & 0x9D2C_5680
    word ^= word << 15 & 0xEFC6_0000
    return word ^ word >> 18
  }

  private mutating func turn() {
    for index in 0..<Self.length {
      let word =
        state[index] & 0x8000_0000 | state[(index + 1) % Self.length] & 0x7FFF_FFFF
      let other = state[(index + Self.distance) % Self.length]
      state[index] = other ^ word >> 1 ^ (word & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    next = 0
  }

  /// The next number of `[low, high)`, as torch's `uniform_` has it in f32.
  public mutating func uniform(from low: Float = 0, to high: Float = 1) -> Float {
    Float(nextWord() & 0xFF_FFFF) * 0x1p-24 * (high - low) + low
  }
}
