/// The ends of white space that several patterns share.
extension ScalarClasses {
  /// `\s+(?!\S)|\s+` at byte `start`, where white space begins: the run, less its last scalar where
  /// something else follows and more than that one is left.
  @inline(__always)
  mutating func spaceBeforeWord(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let end = run(text, from: start, .space)
    guard end < text.count else { return end }
    let last = UTF8Text.start(before: end, in: text)
    return last > start ? last : end
  }

  /// `\s*[\r\n]+` at byte `start`: up to the last line end of the white space there, if any.
  @inline(__always)
  mutating func spaceWithLineEnd(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var end = run(text, from: start, .space)
    while end > start {
      if text[end - 1] == 0x0A || text[end - 1] == 0x0D { return end }
      end -= 1
    }
    return nil
  }
}

/// The English endings that several patterns cut off.
enum Contraction {
  /// The end of `'s|'t|'re|'ve|'m|'ll|'d` at byte `start`, if it is there. Where case does not
  /// matter, the long s (U+017F) is an s as well.
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
