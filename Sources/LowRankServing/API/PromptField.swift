import LowRank

/// A prompt or an input as clients give it: texts or tokens, one or several.
enum PromptField {
  case text(String)
  case tokens([Int32])

  /// The most prompts of one request.
  static let mostPrompts = 2048

  /// Reads a key in its four forms: a string, strings, token ids, or lists of token ids.
  ///
  /// - Throws: ``APIError``.
  static func read(_ key: String, of fields: RequestFields) throws -> [PromptField] {
    func refusal(_ what: String) -> APIError { .invalid(key, "\"\(key)\" \(what).") }
    let form = "must be a string, a list of strings, a list of tokens, or a list of lists of tokens"
    guard let value = fields[key], value != .null else { throw refusal("is missing") }
    if let text = value.string { return [.text(text)] }
    guard let list = value.array else { throw refusal(form) }
    guard !list.isEmpty else { throw refusal("is empty") }
    if list.allSatisfy({ $0.integer != nil }) { return [.tokens(try tokens(list, refusal))] }
    guard list.count <= mostPrompts else {
      throw refusal("holds \(list.count) prompts, expected at most \(mostPrompts)")
    }
    return try list.map { element in
      if let text = element.string { return .text(text) }
      guard let ids = element.array else { throw refusal(form) }
      return .tokens(try tokens(ids, refusal))
    }
  }

  private static func tokens(
    _ list: [JSONValue], _ refusal: (String) -> APIError
  ) throws -> [Int32] {
    try list.map { value in
      guard let id = value.integer.flatMap({ Int32(exactly: $0) }), id >= 0 else {
        throw refusal("must hold tokens, which are integers of 0 or more")
      }
      return id
    }
  }

  /// The tokens, each of which the model knows.
  ///
  /// - Throws: ``APIError``.
  func ids(_ texts: ServedTexts, vocabulary: Int, key: String, addingSpecialTokens: Bool = true)
    throws(APIError) -> [Int32]
  {
    let ids =
      switch self {
      case .text(let text): texts.encode(prompt: text, addingSpecialTokens: addingSpecialTokens)
      case .tokens(let ids): ids
      }
    guard !ids.isEmpty else { throw .invalid(key, "\"\(key)\" has no token.") }
    if let stray = ids.first(where: { Int($0) >= vocabulary }) {
      throw .invalid(key, "\"\(key)\" has the token \(stray), and the model knows \(vocabulary).")
    }
    return ids
  }
}
