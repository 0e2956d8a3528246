/// The words of Llama 3, Qwen 2 and their relatives.
///
///     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}
///     | ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
///
/// in which the number of digits varies, and in Qwen 3.5's `[\p{L}\p{M}]` takes the place of `\p{L}`, except in
/// the scalar before a word. Every scalar belongs to a match.
struct WordPattern: Pattern {
  /// How many numerals make a match at most.
  let digits: Int
  /// What a word consists of: letters, and possibly marks.
  var letters: ScalarClasses.Flags = .letter

  static let llama3 = expression(#"\p{N}{1,3}"#)
  static let qwen2 = expression(#"\p{N}"#)
  static let qwen35 =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"#
    + #"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  private static func expression(_ numerals: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numerals
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  static let known: [String: WordPattern] = [
    llama3: WordPattern(digits: 3),
    expression(#"\p{N}{1,2}"#): WordPattern(digits: 2),
    qwen2: WordPattern(digits: 1),
    expression(#"\p{N}+"#): WordPattern(digits: .max),
    qwen35: WordPattern(digits: 1, letters: [.letter, .mark]),
  ]

  func match(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Range<Int>? {
    guard start < text.count else { return nil }
    if let end = Contraction.end(text, from: start, anyCase: true) { return start..<end }
    let (flags, end) = classes.read(text, at: start)
    if !flags.isDisjoint(with: letters) { return start..<classes.run(text, from: end, letters) }
    if flags.contains(.number) {
      return start..<classes.run(text, from: start, .number, limit: digits)
    }
    let isLineEnd = text[start] == 0x0A || text[start] == 0x0D
    if !isLineEnd, end < text.count {
      let (next, nextEnd) = classes.read(text, at: end)
      if !next.isDisjoint(with: letters) {
        return start..<classes.run(text, from: nextEnd, letters)
      }
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
    let others = letters.union([.space, .number])
    var end = classes.run(text, from: first, others, inverted: true)
    guard end > first else { return nil }
    while end < text.count, text[end] == 0x0A || text[end] == 0x0D { end += 1 }
    return end
  }
}
