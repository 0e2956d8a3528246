/// Puts a string in the place of every match of a pattern, token by token.
struct ReplaceDecoder: Decoder {
  let pattern: any Pattern
  let content: [UInt8]

  func decode(_ tokens: [[UInt8]]) -> [[UInt8]] {
    var classes = ScalarClasses()
    return tokens.map { Self.replace(pattern, in: $0, with: content, &classes) }
  }

  static func replace(
    _ pattern: any Pattern, in token: [UInt8], with content: [UInt8],
    _ classes: inout ScalarClasses
  ) -> [UInt8] {
    var text = AlignedText(token)
    text.replace(
      token.withUnsafeBufferPointer { pattern.matches(in: $0, &classes) }, with: content)
    return text.bytes
  }
}
