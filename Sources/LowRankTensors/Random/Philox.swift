import Foundation

/// A counter-based random number generator, Philox 4×32-10.
///
/// Every four words are a pure function of a key, a stream and a counter, so that any element of any array
/// has its random number without one being drawn before it. An instance walks one stream in order; its
/// whole state is ``key``, ``stream`` and ``position``.
/// (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011)
public struct Philox: Hashable, Sendable {
  /// What tells this sequence of numbers from others, usually derived from the seed.
  public let key: UInt64
  /// One of 2⁶⁴ independent sequences of the key.
  public let stream: UInt64
  /// How many words have been drawn.
  public private(set) var position: UInt64

  /// The numbers of a stream from the given position on.
  public init(key: UInt64, stream: UInt64 = 0, position: UInt64 = 0) {
    self.key = key
    self.stream = stream
    self.position = position
  }

  /// The four words of one counter: ten rounds over the 128-bit block (stream, counter).
  public static func words(key: UInt64, stream: UInt64, counter: UInt64) -> SIMD4<UInt32> {
    var (k0, k1) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    var block = SIMD4(
      UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
      UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
    for _ in 0..<10 {
      let first = UInt32(0xD251_1F53).multipliedFullWidth(by: block[0])
      let second = UInt32(0xCD9E_8D57).multipliedFullWidth(by: block[2])
      block = SIMD4(
        second.high ^ block[1] ^ k0, second.low, first.high ^ block[3] ^ k1, first.low)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return block
  }

  /// The next word: word `position mod 4` of counter `position / 4`.
  public mutating func nextWord() -> UInt32 {
    defer { position &+= 1 }
    return Self.words(key: key, stream: stream, counter: position / 4)[Int(position % 4)]
  }

  /// The next number uniform in [0, 1), a multiple of 2⁻²⁴, from one word.
  public mutating func uniform() -> Float { Float(nextWord() >> 8) * 0x1p-24 }

  /// The next number from the standard normal distribution, from four words.
  ///
  /// `√(−2 ln u) · cos 2πv` with u in (0, 1] and v in [0, 1), multiples of 2⁻⁵³. (Box and Muller, 1958)
  public mutating func normal() -> Double {
    let u = Double((next() >> 11) + 1) * 0x1p-53
    let v = Double(next() >> 11) * 0x1p-53
    return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
  }

  /// The next integer in `0 ..< bound`, each equally likely.
  ///
  /// The high half of `word · bound`; the few words that would favour some results are drawn again.
  /// (Lemire, arXiv 1805.10941)
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "there is no integer in 0 ..< \(bound)")
    let bound = UInt64(bound)
    let excess = (0 &- bound) % bound
    while true {
      let product = next().multipliedFullWidth(by: bound)
      if product.low >= excess { return Int(product.high) }
    }
  }

  /// Brings the elements into an order in which every permutation is equally likely.
  ///
  /// Unlike the standard library's `shuffle(using:)`, the order for a given state never changes with the
  /// compiler's version. (Fisher and Yates)
  public mutating func shuffle<Elements: MutableCollection & RandomAccessCollection>(
    _ elements: inout Elements
  ) {
    for remaining in stride(from: elements.count, to: 1, by: -1) {
      let last = elements.index(elements.startIndex, offsetBy: remaining - 1)
      let other = elements.index(elements.startIndex, offsetBy: integer(below: remaining))
      elements.swapAt(last, other)
    }
  }

  /// The elements in an order in which every permutation is equally likely; see ``shuffle(_:)``.
  public mutating func shuffled<Element>(_ elements: some Sequence<Element>) -> [Element] {
    var result = Array(elements)
    shuffle(&result)
    return result
  }
}

extension Philox: RandomNumberGenerator {
  /// The next two words, the first one low.
  public mutating func next() -> UInt64 {
    let low = nextWord()
    return UInt64(nextWord()) << 32 | UInt64(low)
  }
}
