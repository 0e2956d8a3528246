extension JSONSection {
  /// The added tokens that this file lists.
  func addedTokens(_ vocabulary: Vocabulary) throws(TokenizerError) -> [AddedToken] {
    guard value("added_tokens") != nil else { return [] }
    var tokens: [AddedToken] = []
    for section in try sections("added_tokens") {
      let token = try section.addedToken()
      guard !token.content.isEmpty else { continue }
      if let known = vocabulary.id(of: token.content.utf8), known != token.id {
        throw section.mismatch("id", expected: "\(known), as in the vocabulary")
      }
      tokens.append(token)
    }
    return tokens
  }

  private func addedToken() throws(TokenizerError) -> AddedToken {
    AddedToken(
      id: try id("id"),
      content: try string("content"),
      isSpecial: try bool("special", default: false),
      isSingleWord: try bool("single_word", default: false),
      stripsLeft: try bool("lstrip", default: false),
      stripsRight: try bool("rstrip", default: false),
      isNormalized: try bool("normalized", default: true))
  }
}
