extension JSONSection {
  /// The added tokens that a `tokenizer.json` lists, in its order, with the ids that it declares.
  func addedTokens() throws(TokenizerError) -> [(id: Int32, token: TokenDescription)] {
    guard value("added_tokens") != nil else { return [] }
    var tokens: [(id: Int32, token: TokenDescription)] = []
    for section in try sections("added_tokens") {
      var token = TokenDescription(
        Array(try section.string("content").utf8),
        isSpecial: try section.bool("special", default: false))
      token.isSingleWord = try section.bool("single_word", default: false)
      token.stripsLeft = try section.bool("lstrip", default: false)
      token.stripsRight = try section.bool("rstrip", default: false)
      token.isNormalized = try section.bool("normalized", default: true)
      tokens.append((try section.id("id"), token))
    }
    return tokens
  }
}
