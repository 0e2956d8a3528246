extension GGUFVocabulary {
  /// What a number in `tokenizer.ggml.token_type` means.
  enum TokenType: Int32 {
    case undefined = 0
    case normal, unknown, control, userDefined, unused, byte

    /// Whether decoding leaves tokens of the type out.
    var isSpecial: Bool { self == .unknown || self == .control }
  }

  /// A token that a key of its own names.
  typealias Named = (id: Int32, role: Role)

  /// What a token that a key names is for.
  enum Role: String, CaseIterable {
    case begin = "bos"
    case end = "eos"
    case endOfTurn = "eot"
    case unknown, padding
    case separator = "seperator"
    case mask

    /// Whether the token is special even if the file calls it a normal one.
    var isMarker: Bool { self == .begin || self == .end || self == .endOfTurn }
  }

  /// The type of a token; that of a normal one if the file has no types.
  func type(of id: Int) -> TokenType {
    types.indices.contains(id) ? TokenType(rawValue: types[id]) ?? .undefined : .normal
  }

  func id(of role: Role) -> Int32? {
    switch role {
    case .begin: begin
    case .end: end
    case .endOfTurn: endOfTurn
    case .unknown: unknown
    case .padding: padding
    case .separator: separator
    case .mask: mask
    }
  }

  private func malformed(_ problem: String) -> TokenizerError {
    .malformed(file: file, problem: problem)
  }

  func kind() throws(TokenizerError) -> GGUFTokenList.Kind {
    switch model {
    case "llama": return .sentencePiece(addsSpacePrefix: addsSpacePrefix ?? true)
    case "gpt2": return .byteLevel(try GGUFWords.named(pre, in: file))
    default:
      throw .unknown("tokenizer.ggml.model", model, in: file, known: ["gpt2", "llama"])
    }
  }

  func checkCounts() throws(TokenizerError) {
    guard !tokens.isEmpty else { throw malformed("tokenizer.ggml.tokens is empty") }
    guard tokens.count <= Vocabulary.largestID else {
      throw malformed(
        """
        tokenizer.ggml.tokens has \(tokens.count) tokens, expected at most \(Vocabulary.largestID)
        """)
    }
    for (name, count) in [("scores", scores.count), ("token_type", types.count)]
    where count != 0 && count != tokens.count {
      throw malformed(
        """
        tokenizer.ggml.\(name) has \(count) values for \(tokens.count) tokens, expected one for each
        """)
    }
    if let id = scores.firstIndex(where: { !$0.isFinite }) {
      throw malformed("tokenizer.ggml.scores[\(id)] is \(scores[id]), expected a finite number")
    }
    if let id = types.firstIndex(where: { TokenType(rawValue: $0) == nil }) {
      throw malformed("tokenizer.ggml.token_type[\(id)] is \(types[id]), expected 0 to 6")
    }
    if merges.isEmpty, model == "gpt2" {
      throw malformed("tokenizer.ggml.merges is missing, which a model of byte pairs needs")
    }
    if merges.isEmpty, scores.isEmpty {
      throw malformed(
        "it has neither tokenizer.ggml.scores nor tokenizer.ggml.merges, and one of them is needed")
    }
  }

  /// The tokens that keys name, which must be there.
  func namedTokens() throws(TokenizerError) -> [Named] {
    var named: [Named] = []
    for role in Role.allCases {
      guard let id = id(of: role) else { continue }
      guard id >= 0, Int(id) < tokens.count else {
        throw malformed(
          """
          tokenizer.ggml.\(role.rawValue)_token_id is \(id), expected one of the \(tokens.count) \
          tokens
          """)
      }
      named.append((id, role))
    }
    return named
  }

  /// The number of tokens without those that converters put at the end to match the rows of the model.
  ///
  /// They stand for nothing, and tokens that are added take their rows, as in the model's own tokenizer.
  func countWithoutPadding(atLeast least: Int) -> Int {
    var count = tokens.count
    while count > max(least, 1), type(of: count - 1) == .unused,
      tokens[count - 1].utf8.elementsEqual("[PAD\(count - 1)]".utf8)
    {
      count -= 1
    }
    return count
  }

  /// Whether a token takes the white space after it along, as special tokens of Phi-3 do.
  ///
  /// Files do not say so; llama.cpp goes by the model's name, too.
  func stripsRight(of token: String) -> Bool {
    guard let name = name?.lowercased(),
      ["phi-3", "phi3", "phi 3"].contains(where: { name.contains($0) })
    else { return false }
    return !["<unk>", "<s>", "<|endoftext|>"].contains { $0.utf8.elementsEqual(token.utf8) }
  }
}
