/// A stage that turns tokens into text.
///
/// What the last stage leaves is joined.
protocol Decoder: Sendable {
  func decode(_ tokens: [[UInt8]]) -> [[UInt8]]

  /// The bytes of a token that is a part of a character, or has one at an end; nil for tokens that are whole texts.
  func partialBytes(of token: [UInt8]) -> [UInt8]?
}

extension Decoder {
  func partialBytes(of token: [UInt8]) -> [UInt8]? { nil }
}

/// Several stages, one after the other.
struct DecoderSequence: Decoder {
  let stages: [any Decoder]

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    stages.reduce(tokens) { $1.decode($0) }
  }

  func partialBytes(of token: [UInt8]) -> [UInt8]? {
    stages.lazy.compactMap { $0.partialBytes(of: token) }.first
  }
}

/// Joins all tokens.
struct FuseDecoder: Decoder {
  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] { [Array(tokens.joined())] }
}

/// Joins all tokens and puts spaces in the place of the mark that ends a word.
struct SuffixDecoder: Decoder {
  let suffix: [UInt8]

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    var classes = ScalarClasses()
    let pattern = LiteralPattern(suffix)
    return tokens.enumerated().map { index, token in
      let content: [UInt8] = index + 1 == tokens.count ? [] : [0x20]
      return ReplaceDecoder.replace(pattern, in: token, with: content, &classes)
    }
  }
}
