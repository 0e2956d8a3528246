import Foundation
import LowRankParquet

extension ParquetValue {
  /// The number of values in a value, itself included.
  var cellCount: Int {
    switch self {
    case .list(let elements): elements.reduce(1) { $0 + $1.cellCount }
    case .structure(let structure): structure.values.reduce(1) { $0 + $1.cellCount }
    case .map(let entries): entries.reduce(1) { $0 + $1.key.cellCount + $1.value.cellCount }
    default: 1
    }
  }
}

/// Random numbers from a seed (SplitMix64).
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// A file with one or a few random changes, of which a third are in the description at its end.
func mutated(_ file: [UInt8], with other: [UInt8], _ dice: inout Dice) -> [UInt8] {
  var bytes = file
  for _ in 0..<([1, 1, 1, 2, 4].randomElement(using: &dice) ?? 1) {
    guard bytes.count > 16 else { break }
    let isLate = dice.next() % 3 == 0
    let first = isLate ? min(max(0, bytes.count - footerSize(bytes) - 8), bytes.count - 9) : 0
    let place = Int.random(in: first..<bytes.count - 8, using: &dice)
    let length = min(Int.random(in: 1...64, using: &dice), bytes.count - place)
    switch Int.random(in: 0..<9, using: &dice) {
    case 0, 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
    case 2: bytes[place] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &dice) ?? 0
    case 3: bytes[place] = .random(in: 0...255, using: &dice)
    case 4:
      // A large number where there was a small one.
      let number: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x0f]
      bytes.replaceSubrange(
        place..<place + 1, with: number.suffix(Int.random(in: 2...5, using: &dice)))
    case 5: bytes.removeSubrange(place..<place + length)
    case 6:
      let start = Int.random(in: 0..<max(1, other.count - length), using: &dice)
      bytes.replaceSubrange(
        place..<place + length, with: other[start..<min(start + length, other.count)])
    case 7:
      bytes.insert(
        contentsOf: (0..<length).map { _ in UInt8.random(in: 0...255, using: &dice) }, at: place)
    default: bytes.removeLast(min(length, bytes.count - 16))
    }
  }
  // Most changes of the length would end at the size of the description.
  if bytes.count > 16, dice.next() % 4 > 0 {
    bytes.replaceSubrange((bytes.count - 4)..., with: Array("PAR1".utf8))
  }
  return bytes
}

private func footerSize(_ bytes: [UInt8]) -> Int {
  bytes.dropLast(4).suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
}
