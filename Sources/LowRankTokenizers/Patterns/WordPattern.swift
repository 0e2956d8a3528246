/// The words of Llama 3, Qwen 2 and their relatives.
///
///     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}
///     | ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
///
/// in which only the number of digits varies. Every scalar belongs to a match.
struct WordPattern: Pattern {
  /// How many numerals make a match at most.
  let digits: Int

  static let known: [String: WordPattern] = {
    func expression(_ numerals: String) -> String {
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numerals
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }
    return [
      expression(#"\p{N}{1,3}"#): WordPattern(digits: 3),
      expression(#"\p{N}{1,2}"#): WordPattern(digits: 2),
      expression(#"\p{N}"#): WordPattern(digits: 1),
      expression(#"\p{N}+"#): WordPattern(digits: .max),
    ]
  }()

  func match(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Range<Int>? {
    guard start < text.count else { return nil }
    if let end = Contraction.end(text, from: start, anyCase: true) { return start..<end }
    let (flags, end) = classes.read(text, at: start)
    if flags.contains(.letter) { return start..<classes.run(text, from: end, .letter) }
    if flags.contains(.number) {
      return start..<classes.run(text, from: start, .number, limit: digits)
    }
    let isLineEnd = text[start] == 0x0A || text[start] == 0x0D
    if !isLineEnd, end < text.count {
      let (next, nextEnd) = classes.read(text, at: end)
      if next.contains(.letter) { return start..<classes.run(text, from: nextEnd, .letter) }
    }
    if let end = symbols(text, from: start, &classes) { return start..<end }
    if let end = classes.spaceWithLineEnd(text, from: start) { return start..<end }
    return start..<classes.spaceBeforeWord(text, from: start)
  }

  /// The end of ` ?[^\s\p{L}\p{N}]+[\r\n]*` at byte `start`.
  private func symbols(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Int? {
    let first = text[start] == 0x20 ? start + 1 : start
    var end = classes.run(text, from: first, [.space, .letter, .number], inverted: true)
    guard end > first else { return nil }
    while end < text.count, text[end] == 0x0A || text[end] == 0x0D { end += 1 }
    return end
  }
}
