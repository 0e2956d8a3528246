/// SentencePiece's compiled map from characters to what takes their place.
///
/// The blob is the length of a double-array trie in bytes, the trie itself, and the replacements, each
/// of which a zero byte ends. All numbers are of 32 bits, the lowest byte first.
struct CharacterMap: Sendable {
  private let units: [UInt32]
  private let replacements: [UInt8]

  /// Why a blob is no such map.
  struct Malformed: Error {
    let problem: String
  }

  init(_ blob: [UInt8]) throws(Malformed) {
    func number(_ at: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(blob[at + $1]) << UInt32(8 * $1) }
    }
    guard blob.count >= 4 else { throw Malformed(problem: "shorter than its own header") }
    let size = Int(number(0))
    guard size > 0, size % 4 == 0, size <= blob.count - 4 else {
      throw Malformed(problem: "a trie of \(size) bytes in a blob of \(blob.count)")
    }
    units = (1...size / 4).map { number(4 * $0) }
    replacements = Array(blob[(4 + size)...])
    guard String(validating: replacements, as: UTF8.self) != nil else {
      throw Malformed(problem: "replacements that are not UTF-8")
    }
    for (index, unit) in units.enumerated() where !Self.isValue(unit) { try check(unit, at: index) }
  }

  private static func isValue(_ unit: UInt32) -> Bool { unit >> 31 == 1 }
  private static func hasValue(_ unit: UInt32) -> Bool { unit >> 8 & 1 == 1 }
  /// The byte that leads to a unit; none where the unit is a value.
  private static func label(_ unit: UInt32) -> UInt32 { unit & 0x8000_00FF }
  private static func offset(_ unit: UInt32) -> Int {
    Int(unit >> 10) << Int(unit >> 6 & 8)
  }

  /// Checks that no byte leads out of the trie, and that its value is the place of a replacement.
  private func check(_ unit: UInt32, at index: Int) throws(Malformed) {
    let base = index ^ Self.offset(unit)
    // A unit that offsets by nothing and has no value is a free one.
    guard base | 0xFF < units.count || base == index && !Self.hasValue(unit) else {
      throw Malformed(problem: "a trie whose unit \(index) leads out of it")
    }
    guard Self.hasValue(unit) else { return }
    let place = Int(units[base] & 0x7FFF_FFFF)
    guard place <= replacements.count,
      place == replacements.count || !UTF8Text.isContinuation(replacements[place])
    else {
      throw Malformed(problem: "a trie whose unit \(index) names no replacement")
    }
  }

  /// What takes the place of the shortest beginning of some bytes that the map knows; with that,
  /// the reference replaces the bytes as a whole.
  func replacement(of bytes: UnsafeBufferPointer<UInt8>) -> ArraySlice<UInt8>? {
    var at = Self.offset(units[0])
    for byte in bytes {
      guard byte != 0 else { return nil }
      at ^= Int(byte)
      guard at < units.count, Self.label(units[at]) == UInt32(byte) else { return nil }
      let unit = units[at]
      at ^= Self.offset(unit)
      guard Self.hasValue(unit) else { continue }
      let start = Int(units[at] & 0x7FFF_FFFF)
      return replacements[start...].prefix { $0 != 0 }
    }
    return nil
  }
}
