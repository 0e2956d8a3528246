/// Changes files at random, the same way for the same seed.
struct Mutator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  private mutating func next() -> UInt64 {
    // SplitMix64.
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  /// A number from 0 to one below the bound.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

  /// Lengths and counts at which arithmetic goes wrong.
  private static let numbers: [UInt64] = [
    0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000,
    0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_ffff_ffff, 0x4000_0000_0000_0000,
  ]
  /// Instructions of pickles that may follow each other.
  private static let instructions: [UInt8] =
    Array("().GJKMNQRUX]abcehjqrstu}".utf8) + [
      0x80, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x93, 0x94, 0x95, 0x81,
    ]

  /// A file with one to eight changes.
  mutating func mutated(_ file: [UInt8], beside other: [UInt8]) -> [UInt8] {
    var bytes = file
    for _ in 0...below(below(4) == 0 ? 8 : 2) { change(&bytes, beside: other) }
    return bytes
  }

  private mutating func change(_ bytes: inout [UInt8], beside other: [UInt8]) {
    guard !bytes.isEmpty else {
      bytes = other
      return
    }
    let position = below(bytes.count)
    switch below(12) {
    case 0, 1: bytes[position] ^= 1 << UInt8(below(8))
    case 2: bytes[position] = UInt8(below(256))
    case 3, 4: bytes[position] = Self.instructions[below(Self.instructions.count)]
    case 5, 6:
      // A little-endian number of 2, 4 or 8 bytes.
      let number = Self.numbers[below(Self.numbers.count)]
      for byte in 0..<(2 << below(3)) where position + byte < bytes.count {
        bytes[position + byte] = UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))
      }
    case 7: bytes.removeSubrange(position..<min(bytes.count, position + 1 + below(64)))
    case 8: bytes.insert(contentsOf: (0...below(16)).map { _ in UInt8(below(256)) }, at: position)
    case 9:
      let end = min(bytes.count, position + 1 + below(200))
      bytes.insert(contentsOf: Array(bytes[position..<end]), at: below(bytes.count))
    case 10:
      guard !other.isEmpty else { return }
      let start = below(other.count)
      let piece = other[start..<min(other.count, start + 1 + below(400))]
      bytes.replaceSubrange(position..<min(bytes.count, position + piece.count), with: piece)
    default:
      if below(4) == 0 {
        bytes.removeSubrange(position...)
      } else {
        bytes.swapAt(position, below(bytes.count))
      }
    }
  }
}
