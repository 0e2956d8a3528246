/// Something that finds its matches in a text, one after the other: a literal, a set of scalars, or
/// one of the regular expressions that published tokenizers use.
///
/// The regular expressions are written out by hand: a general engine is many times slower, and there
/// are only a few of them.
protocol Pattern: Sendable {
  /// The first match at or after byte `start`, which is where a scalar starts. Never empty.
  func match(
    in text: UnsafeBufferPointer<UInt8>, from start: Int, _ classes: inout ScalarClasses
  ) -> Range<Int>?
}

extension Pattern {
  /// All matches, none overlapping.
  func matches(
    in text: UnsafeBufferPointer<UInt8>, _ classes: inout ScalarClasses
  ) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var at = 0
    while let match = match(in: text, from: at, &classes) {
      result.append(match)
      at = match.upperBound
    }
    return result
  }
}

/// The regular expressions that are known, by their spelling.
enum KnownPatterns {
  static func pattern(_ expression: String) -> (any Pattern)? {
    if let words = WordPattern.known[expression] { return words }
    if expression == gpt2 { return GPT2Pattern() }
    if expression == #"\s{2,}|[\n\r\t]"# { return SpaceToTidyPattern() }
    if let words = CapitalisedWordPattern.known[expression] { return words }
    return sets[expression] ?? literalRun(expression)
  }

  static let gpt2 =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  private static let sets: [String: ScalarRunPattern] = [
    #"\s"#: ScalarRunPattern(.space, limit: 1),
    #"\s+"#: ScalarRunPattern(.space),
    #"\S+"#: ScalarRunPattern(.space, inverted: true),
    #"\p{N}"#: ScalarRunPattern(.number, limit: 1),
    #"\p{N}+"#: ScalarRunPattern(.number),
    #"\p{N}{1,3}"#: ScalarRunPattern(.number, limit: 3),
    #"\p{L}+"#: ScalarRunPattern(.letter),
    #"\p{P}"#: ScalarRunPattern(.punctuation, limit: 1),
    #"\w+"#: ScalarRunPattern(.word),
  ]

  /// A text that means only itself; `x+` and `x{2,}` for a character that does.
  private static func literalRun(_ expression: String) -> (any Pattern)? {
    for (suffix, least) in [("+", 1), ("{2,}", 2)] where expression.hasSuffix(suffix) {
      guard let literal = literal(expression.dropLast(suffix.count)),
        UTF8Text.scalars(literal).count == 1
      else { return nil }
      return LiteralPattern(literal, repeated: least)
    }
    return literal(expression[...]).map { LiteralPattern($0) }
  }

  /// What an expression means that has no operators, only characters and escapes of line ends.
  private static func literal(_ expression: Substring) -> [UInt8]? {
    var literal: [UInt8] = []
    var isEscaped = false
    for byte in expression.utf8 {
      if isEscaped {
        guard let meaning = escapes[byte] else { return nil }
        literal.append(meaning)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if ".[]{}()*+?|^$".utf8.contains(byte) {
        return nil
      } else {
        literal.append(byte)
      }
    }
    return isEscaped || literal.isEmpty ? nil : literal
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
  ]
}
