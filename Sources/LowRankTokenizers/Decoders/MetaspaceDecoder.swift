/// Turns SentencePiece's visible spaces back into spaces.
struct MetaspaceDecoder: Decoder {
  let replacement: [UInt8]
  /// Whether the spaces of the first token were put there and are left out.
  let dropsFirst: Bool

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    var classes = ScalarClasses()
    let pattern = LiteralPattern(replacement)
    return tokens.enumerated().map { index, token in
      ReplaceDecoder.replace(
        pattern, in: token, with: index == 0 && dropsFirst ? [] : [0x20], &classes)
    }
  }
}
