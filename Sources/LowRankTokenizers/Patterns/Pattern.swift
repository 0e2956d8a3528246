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
    if capitalised.contains(expression) { return CapitalisedWordPattern() }
    if let repeated = literalRun(expression) { return repeated }
    return sets[expression]
  }

  static let gpt2 =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  private static let capitalised: Set<String> = [
    #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"#
      + #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#
      + #"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"#
      + #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#
      + #"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  ]

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

  /// `x`, `x+` and `x{2,}` for an `x` that means only itself.
  private static func literalRun(_ expression: String) -> (any Pattern)? {
    for (suffix, least) in [("{2,}", 2), ("+", 1), ("", 1)] where expression.hasSuffix(suffix) {
      var literal = String(expression.dropLast(suffix.count))
      for (escape, meaning) in [(#"\n"#, "\n"), (#"\r"#, "\r"), (#"\t"#, "\t"), (#"\."#, ".")]
      where literal == escape {
        literal = meaning
      }
      let special = #"\.[]{}()*+?|^$"#
      guard literal.unicodeScalars.count == 1,
        literal == "." && expression.hasPrefix(#"\."#) || !special.contains(literal)
      else { continue }
      return LiteralPattern(Array(literal.utf8), repeated: suffix == "" ? nil : least)
    }
    return nil
  }
}
