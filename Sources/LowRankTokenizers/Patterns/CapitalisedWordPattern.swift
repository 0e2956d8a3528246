/// The words of GPT-4o's vocabulary (o200k) and of models that took it over: as `WordPattern`, but a
/// capital letter inside a word starts a new one, and an English ending stays with its word.
///
/// In Mistral's vocabulary (Tekken), such endings are not looked for, and every numeral is a match. Every scalar
/// belongs to a match.
struct CapitalisedWordPattern: Pattern {
  /// How many numerals make a match at most.
  let digits: Int
  /// Whether an English ending such as `'ll` belongs to the word before it.
  let keepsEndings: Bool

  static let gpt4o = expression(ending: #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#, numerals: #"\p{N}{1,3}"#)
  static let tekken = expression(ending: "", numerals: #"\p{N}"#)

  private static func expression(ending: String, numerals: String) -> String {
    #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"# + ending
      + #"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"# + ending
      + "|" + numerals + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  static let known = [
    gpt4o: CapitalisedWordPattern(digits: 3, keepsEndings: true),
    tekken: CapitalisedWordPattern(digits: 1, keepsEndings: false),
  ]

  func match(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Range<Int>? {
    guard start < text.count else { return nil }
    let (flags, end) = classes.read(text, at: start)
    let isLineEnd = text[start] == 0x0A || text[start] == 0x0D
    let mayPrecede = !isLineEnd && flags.isDisjoint(with: [.letter, .number])
    for find in [Self.capitalised, Self.upper] {
      if let word = (mayPrecede ? find(text, end, &classes) : nil) ?? find(text, start, &classes) {
        guard keepsEndings else { return start..<word }
        return start..<(Contraction.end(text, from: word, anyCase: true) ?? word)
      }
    }
    if flags.contains(.number) {
      return start..<classes.run(text, from: start, .number, limit: digits)
    }
    if let end = symbols(text, from: start, &classes) { return start..<end }
    if let end = classes.spaceWithLineEnd(text, from: start) { return start..<end }
    return start..<classes.spaceBeforeWord(text, from: start)
  }

  /// The end of `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`.
  private static func capitalised(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Int? {
    // The first run takes all it can and gives back until the second finds a scalar.
    let upper = classes.run(text, from: start, .upper)
    let end = classes.run(text, from: upper, .lower)
    if end > upper { return end }
    var at = upper
    while at > start {
      let previous = UTF8Text.start(before: at, in: text)
      if classes.read(text, at: previous).flags.contains(.lower) { return at }
      at = previous
    }
    return nil
  }

  /// The end of `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`.
  private static func upper(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Int? {
    let upper = classes.run(text, from: start, .upper)
    return upper > start ? classes.run(text, from: upper, .lower) : nil
  }

  /// The end of ` ?[^\s\p{L}\p{N}]+[\r\n/]*`.
  private func symbols(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Int? {
    let first = text[start] == 0x20 ? start + 1 : start
    var end = classes.run(text, from: first, [.space, .letter, .number], inverted: true)
    guard end > first else { return nil }
    while end < text.count, [0x0A, 0x0D, UInt8(ascii: "/")].contains(text[end]) { end += 1 }
    return end
  }
}
