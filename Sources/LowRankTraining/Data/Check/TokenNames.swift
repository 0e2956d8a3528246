import LowRankTokenizers

/// How tokens are shown that stand for no text, and which ones are special.
public struct TokenNames: Sendable {
  let special: Set<Int32>
  /// The token of what the vocabulary lacks; nil if there is none.
  let unknown: Int32?
  let spelling: @Sendable (Int32) -> String?

  /// Special tokens, and how the vocabulary spells a token.
  public init(
    special: Set<Int32>, unknown: Int32? = nil, spelling: @escaping @Sendable (Int32) -> String?
  ) {
    self.special = special
    self.unknown = unknown
    self.spelling = spelling
  }

  /// As a tokenizer has them.
  public init(_ tokenizer: Tokenizer) {
    self.init(
      special: Set(tokenizer.specialTokens.map(\.id)), unknown: tokenizer.unknownToken
    ) { tokenizer.token(of: $0) }
  }

  /// How many of some tokens stand for something that the vocabulary lacks.
  func unknownCount(of ids: [Int32]) -> Int {
    unknown.map { unknown in ids.count { $0 == unknown } } ?? 0
  }

  func name(of id: Int32) -> String { spelling(id) ?? "token \(id)" }
}
