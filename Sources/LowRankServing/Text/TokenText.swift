/// What a token stands for behind another one.
struct TokenText: Sendable {
  /// The text, with replacement characters for parts of characters.
  let text: String
  /// The token's own bytes, which are a part of a character where the text has replacement characters.
  let bytes: [UInt8]
}
