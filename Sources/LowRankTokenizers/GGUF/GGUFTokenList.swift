/// The checked tokens of a GGUF file, as the tokenizer uses them.
struct GGUFTokenList {
  /// What `tokenizer.ggml.model` says.
  enum Kind {
    /// SentencePiece's byte pairs, with or without a space before each text.
    case sentencePiece(addsSpacePrefix: Bool)
    /// Byte pairs of bytes.
    case byteLevel(GGUFWords)
  }

  let file: String
  let kind: Kind
  /// The tokens by id.
  private(set) var tokens: [String]
  /// The same tokens, to look up.
  private(set) var vocabulary: Vocabulary
  /// The tokens of spaces that are merged like others, before all others.
  private(set) var spaces: [Int32] = []
  /// The tokens that are looked for in a text before anything else.
  private(set) var added: [(id: Int32, token: TokenDescription)] = []
  private(set) var unknown: Int32?
  /// The token before each text.
  private(set) var begin: Int32?
  /// The token after each text.
  private(set) var end: Int32?

  /// Longer tokens are taken for a broken file: the time for merges grows with the square of a token's length.
  private static let longestToken = 4096

  init(_ source: GGUFVocabulary) throws(TokenizerError) {
    file = source.file
    kind = try source.kind()
    try source.checkCounts()
    let named = try source.namedTokens()
    let last = named.map(\.id).max() ?? -1
    tokens = Array(source.tokens[..<source.countWithoutPadding(atLeast: Int(last) + 1)])
    vocabulary = Vocabulary(capacity: tokens.count)
    if case .sentencePiece(addsSpacePrefix: false) = kind { spellSpaces(source) }
    try fillVocabulary()
    unknown = source.unknown ?? defaultToken("<unk>", source)
    try setEnds(source)
    collectAdded(source, named)
  }

  private var isByteLevel: Bool {
    if case .byteLevel = kind { true } else { false }
  }

  /// Spells user-defined tokens of spaces as the model does; files spell them with real spaces.
  ///
  /// Gemma's spaces are merged before all other tokens, so they need not be looked for.
  private mutating func spellSpaces(_ source: GGUFVocabulary) {
    let known = Set(tokens.filter { $0.utf8.starts(with: "▁▁".utf8) })
    for id in tokens.indices where source.type(of: id) == .userDefined {
      let count = tokens[id].utf8.count
      guard count > 1, tokens[id].utf8.allSatisfy({ $0 == 0x20 }) else { continue }
      let spelled = String(repeating: "▁", count: count)
      guard !known.contains(spelled) else { continue }
      tokens[id] = spelled
      spaces.append(Int32(id))
    }
  }

  private mutating func fillVocabulary() throws(TokenizerError) {
    for id in tokens.indices {
      // llama.cpp gives tokens without text the same names.
      if tokens[id].isEmpty { tokens[id] = "[EMPTY_\(id)]" }
      guard tokens[id].utf8.count <= Self.longestToken else {
        throw .malformed(
          file: file,
          problem: """
            tokenizer.ggml.tokens[\(id)] has \(tokens[id].utf8.count) bytes, expected at most \
            \(Self.longestToken)
            """)
      }
      var text = tokens[id]
      guard text.withUTF8({ vocabulary.insert($0, id: Int32(id)) }) else {
        let first = vocabulary.id(of: tokens[id].utf8) ?? 0
        throw .malformed(
          file: file,
          problem: """
            tokenizer.ggml.tokens has \(tokens[id].debugDescription) twice, as \(first) and \(id); \
            convert the model again
            """)
      }
    }
  }

  /// The token that stands for a key that SentencePiece's files may leave out.
  private func defaultToken(_ name: String, _ source: GGUFVocabulary) -> Int32? {
    guard !isByteLevel, let id = vocabulary.id(of: name.utf8) else { return nil }
    return source.types.isEmpty || source.type(of: Int(id)).isSpecial ? id : nil
  }

  private mutating func setEnds(_ source: GGUFVocabulary) throws(TokenizerError) {
    let addsBegin =
      switch kind {
      case .sentencePiece: true
      case .byteLevel(let words): words.addsBegin
      }
    begin = try token(
      source.begin ?? defaultToken("<s>", source), isAdded: source.addsBegin, "bos",
      default: addsBegin)
    end = try token(
      source.end ?? defaultToken("</s>", source), isAdded: source.addsEnd, "eos", default: false)
  }

  private func token(
    _ id: Int32?, isAdded: Bool?, _ name: String, default adds: Bool
  ) throws(TokenizerError) -> Int32? {
    guard isAdded ?? adds else { return nil }
    if id == nil, isAdded == true {
      throw .malformed(
        file: file,
        problem: """
          tokenizer.ggml.add_\(name)_token is true, but there is no tokenizer.ggml.\(name)_token_id
          """)
    }
    return id
  }

  private mutating func collectAdded(_ source: GGUFVocabulary, _ named: [GGUFVocabulary.Named]) {
    var special = source.endOfGeneration
    for (id, text) in [(source.begin, "<s>"), (source.end, "</s>"), (source.unknown, "<unk>")]
    where id == nil {
      if let id = defaultToken(text, source) { special.insert(id) }
    }
    for (id, role) in named where role.isMarker || source.type(of: Int(id)) != .normal {
      special.insert(id)
    }
    let merged = Set(spaces)
    for id in tokens.indices.map(Int32.init) where !merged.contains(id) {
      let type = source.type(of: Int(id))
      let isSpecial = type.isSpecial || special.contains(id)
      guard isSpecial || type == .userDefined else { continue }
      var token = TokenDescription(Array(tokens[Int(id)].utf8), isSpecial: isSpecial)
      token.isNormalized = false
      token.stripsRight = !isByteLevel && source.stripsRight(of: tokens[Int(id)])
      added.append((id, token))
    }
  }
}
