import LowRankTensors

/// What dropout multiplies elements by: 0 with the given probability p, else 1 / (1 − p).
///
/// Element *i* of a stream is dropped when word `i mod 4` of Philox(key, stream, i / 4) is below
/// `p · 2³²`.
struct DropoutMask {
  private let key: UInt64
  private let threshold: UInt32
  private let survivor: Double

  init(probability: Float, key: UInt64) {
    precondition(
      0 <= probability && probability < 1, "a dropout of \(probability) is not in [0, 1)")
    self.key = key
    self.threshold = UInt32(Double(probability) * 0x1p32)
    self.survivor = 1 / (1 - Double(probability))
  }

  func factor(stream: UInt64, index: Int) -> Double {
    let words = Philox.words(key: key, stream: stream, counter: UInt64(index / 4))
    return words[index % 4] < threshold ? 0 : survivor
  }
}
