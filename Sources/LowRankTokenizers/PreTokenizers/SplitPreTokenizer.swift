/// Splits at a pattern.
///
/// `Split`, `Whitespace`, `WhitespaceSplit`, `Digits` and `Punctuation` of the file are this with
/// different patterns.
struct SplitPreTokenizer: PreTokenizer {
  let pattern: any Pattern
  let behavior: SplitBehavior
  var inverted = false

  func apply(to text: inout PreTokenizedText, _ classes: inout ScalarClasses) {
    text.split(at: pattern, behavior, inverted: inverted, &classes)
  }

  /// Words, and runs of symbols, without the space between them.
  static let whitespace = SplitPreTokenizer(
    pattern: WordOrSymbolPattern(), behavior: .removed, inverted: true)

  /// What stands between white space.
  static let whitespaceSplit = SplitPreTokenizer(
    pattern: ScalarPattern(UnicodeProperties.isSpace), behavior: .removed)

  /// BERT's words: between white space, with punctuation apart.
  static let bert = [whitespaceSplit, punctuation(.isolated)]

  /// Numbers apart from the rest, whole or numeral by numeral.
  static func digits(individual: Bool) -> SplitPreTokenizer {
    SplitPreTokenizer(
      pattern: ScalarPattern(UnicodeProperties.isNumeral),
      behavior: individual ? .isolated : .contiguous)
  }

  /// Punctuation apart from the rest.
  static func punctuation(_ behavior: SplitBehavior) -> SplitPreTokenizer {
    SplitPreTokenizer(
      pattern: ScalarPattern(UnicodeProperties.isPunctuation), behavior: behavior)
  }
}
