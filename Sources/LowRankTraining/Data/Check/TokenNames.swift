import LowRankTokenizers

/// How tokens are shown that stand for no text, and which ones are special.
public struct TokenNames: Sendable {
  let special: Set<Int32>
  let spelling: @Sendable (Int32) -> String?

  /// Special tokens, and how the vocabulary spells a token.
  public init(special: Set<Int32>, spelling: @escaping @Sendable (Int32) -> String?) {
    self.special = special
    self.spelling = spelling
  }

  /// As a tokenizer has them.
  public init(_ tokenizer: Tokenizer) {
    self.init(special: Set(tokenizer.specialTokens.map(\.id))) { tokenizer.token(of: $0) }
  }

  func name(of id: Int32) -> String { spelling(id) ?? "token \(id)" }
}
