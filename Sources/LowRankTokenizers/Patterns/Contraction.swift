/// The English endings that several patterns cut off.
enum Contraction {
  /// The end of `'s|'t|'re|'ve|'m|'ll|'d` at byte `start`, if it is there.
  ///
  /// Where case does not matter, the long s (U+017F) is an s as well.
  @inline(__always)
  static func end(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, anyCase: Bool
  ) -> Int? {
    guard start + 1 < text.count, text[start] == UInt8(ascii: "'") else { return nil }
    let lower: UInt8 = anyCase ? 0x20 : 0
    let first = text[start + 1] | lower
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
      guard start + 2 < text.count else { return nil }
      let second = text[start + 2] | lower
      let wanted = first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")
      return second == wanted ? start + 3 : nil
    case 0xC5 | lower where anyCase:
      guard start + 2 < text.count, text[start + 1] == 0xC5, text[start + 2] == 0xBF else {
        return nil
      }
      return start + 3
    default:
      return nil
    }
  }
}
