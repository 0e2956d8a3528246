/// Joins tokens that continue a word to it, and puts spaces between words.
struct WordPieceDecoder: Decoder {
  let prefix: [UInt8]
  /// Whether spaces before punctuation and in contractions go.
  let cleansUp: Bool

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    var classes = ScalarClasses()
    return tokens.enumerated().map { index, token in
      var text = token
      if index > 0 {
        text = token.starts(with: prefix) ? Array(token.dropFirst(prefix.count)) : [0x20] + token
      }
      // All that is cleaned up starts with a space.
      guard cleansUp, text.contains(0x20) else { return text }
      for (pattern, content) in Self.artifacts {
        text = ReplaceDecoder.replace(pattern, in: text, with: content, &classes)
      }
      return text
    }
  }

  /// What is cleaned up, one after the other.
  private static let artifacts: [(pattern: LiteralPattern, content: [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (LiteralPattern(Array($0.0.utf8)), Array($0.1.utf8)) }
}
