/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, GPT-2's words.
///
/// Every scalar belongs to a match.
struct GPT2Pattern: Pattern {
  func match(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Range<Int>? {
    guard start < text.count else { return nil }
    if let end = Contraction.end(text, from: start, anyCase: false) { return start..<end }
    var (flags, end) = classes.read(text, at: start)
    if text[start] == 0x20, end < text.count {
      let (next, nextEnd) = classes.read(text, at: end)
      if !next.contains(.space) { (flags, end) = (next, nextEnd) }
    }
    if flags.contains(.letter) {
      return start..<classes.run(text, from: end, .letter)
    }
    if flags.contains(.number) {
      return start..<classes.run(text, from: end, .number)
    }
    if flags.contains(.space) {
      return start..<classes.spaceBeforeWord(text, from: start)
    }
    return start..<classes.run(text, from: end, [.space, .letter, .number], inverted: true)
  }
}
