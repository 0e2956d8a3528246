/// The tokens that the files beside a `tokenizer.json` add to it, in the order in which transformers 5.23 adds them.
///
/// The tokens of `added_tokens_decoder` in `tokenizer_config.json` come first, by their ids there. Without that key,
/// those of `added_tokens.json` come first, and `special_tokens_map.json` replaces the named tokens of
/// `tokenizer_config.json`. Named tokens (`pad_token`) and extra ones (`extra_special_tokens`) follow if no list has
/// them.
struct CompanionTokens {
  /// The tokens, including those of `tokenizer.json` with flags that may change.
  private(set) var tokens: [TokenDescription] = []

  private typealias Named = (key: String, token: TokenDescription?)
  private var standard: [String: TokenDescription?] = [:]
  /// Tokens with names specific to the model, such as `image_token`, except those under `extra_special_tokens`.
  private var specific: [Named] = []
  private var explicit: [Named] = []
  private var extra: [TokenDescription]?
  /// The keys of named tokens that only `tokenizer_config.json` has, as objects: transformers does not know their
  /// texts yet when it reads `added_tokens.json`.
  private var described: Set<String> = []
  private var listed: [Int: TokenDescription] = [:]
  /// The listed tokens by their texts, including those with an id that another token has taken.
  private var declared: [[UInt8]: TokenDescription] = [:]

  /// The keys of named tokens that every tokenizer has, in the order in which they are added.
  private static let roles = SpecialTokens.Role.allCases.map(\.rawValue)

  /// - Parameters:
  ///   - file: `tokenizer.json`.
  ///   - own: the tokens that it lists.
  ///   - held: the tokens that were added; of two with the same id, only one.
  /// - Throws: `TokenizerError` if a file beside it is invalid.
  init(
    _ folder: TokenizerFolder, beside file: JSONSection,
    listing own: [(id: Int32, token: TokenDescription)], holding held: AddedTokenList
  ) throws(TokenizerError) {
    var older: TokenDescription.List?
    if let settings = folder.settings { older = try read(settings) }
    if try !readDecoder(folder.settings) {
      if let map = try folder.object("special_tokens_map.json") {
        older = try readMap(map) ?? older
      }
      try readAddedTokens(folder.object("added_tokens.json"))
      for (id, token) in own { list(token, as: Int(id)) }
    }
    if extra == nil { extra = older }
    if standard["pad_token"] == nil, let padding = try file.section("padding"),
      let token = try padding.optionalString("pad_token")
    {
      standard["pad_token"] = TokenDescription(token)
    }
    collect(beside: Set(held.tokens.map { Array($0.content.utf8) }))
  }

  /// Reads `tokenizer_config.json`; returns the `additional_special_tokens` that do not count as extra tokens yet.
  private mutating func read(_ settings: JSONSection) throws(TokenizerError)
    -> TokenDescription.List?
  {
    var (hasNames, older): (Bool, TokenDescription.List?) = (false, nil)
    for (key, node) in settings.entries {
      let kind = settings.tree.nodes[node].kind
      if Self.roles.contains(key) {
        standard[key] = .some(kind == .null ? nil : try settings.token(node, key))
        if kind == .object { described.insert(key) }
      } else if key == "extra_special_tokens", kind == .object {
        for (name, inner) in try settings.requiredSection(key).entries {
          Self.set(name, try settings.token(inner, key), in: &explicit)
          hasNames = true
        }
      } else if key == "extra_special_tokens", kind != .null {
        extra = try settings.tokens(key)
      } else if key == "additional_special_tokens", kind != .null {
        older = try settings.tokens(key)
      } else if key.hasSuffix("_token"), settings.tree.isString(node) {
        Self.set(key, try settings.token(node, key), in: &explicit)
      } else if key.hasSuffix("_token"), kind == .object {
        Self.set(key, try settings.token(node, key), in: &specific)
      }
    }
    guard let found = older, !hasNames, extra?.isEmpty ?? true else { return older }
    extra = found
    return nil
  }

  /// Reads `special_tokens_map.json`, which replaces tokens of the configuration.
  private mutating func readMap(_ map: JSONSection) throws(TokenizerError)
    -> TokenDescription.List?
  {
    var older: TokenDescription.List?
    for (key, node) in map.entries {
      let kind = map.tree.nodes[node].kind
      if key == "extra_special_tokens", kind == .array {
        var all = extra ?? []
        for var token in try map.tokens(key)
        where !all.contains(where: { $0.content == token.content }) {
          token.isSpecial = true
          all.append(token)
        }
        extra = all
      } else if key == "extra_special_tokens", kind == .object {
        for (name, inner) in try map.requiredSection(key).entries {
          Self.set(name, try map.token(inner, key), in: &explicit)
        }
      } else if key == "additional_special_tokens", kind == .array {
        older = try map.tokens(key)
      } else if ["additional_special_tokens", "extra_special_tokens"].contains(key), kind != .null {
        throw map.mismatch(key, expected: "a list of tokens")
      } else if Self.roles.contains(key)
        || key.hasSuffix("_token") && (kind == .null || kind == .object || map.tree.isString(node))
      {
        var token = kind == .null ? nil : try map.token(node, key)
        token?.isSpecial = true
        if Self.roles.contains(key) {
          standard[key] = .some(token)
          described.remove(key)
        } else {
          Self.set(key, token, in: &specific)
        }
      }
    }
    return older
  }

  /// Sets the token of a name, in place if the name exists.
  private static func set(_ key: String, _ token: TokenDescription?, in tokens: inout [Named]) {
    if let place = tokens.firstIndex(where: { $0.key == key }) {
      tokens[place].token = token
    } else {
      tokens.append((key, token))
    }
  }

  /// Reads `added_tokens_decoder`; returns false if it is absent.
  private mutating func readDecoder(_ settings: JSONSection?) throws(TokenizerError) -> Bool {
    guard let settings, let tokens = try settings.addedTokensDecoder() else { return false }
    for (id, token) in tokens { list(token, as: id) }
    return true
  }

  /// Reads an object that maps tokens to ids.
  private mutating func readAddedTokens(_ map: JSONSection?) throws(TokenizerError) {
    guard let map else { return }
    let named = Self.roles.filter { !described.contains($0) }.compactMap { standard[$0] ?? nil }
    let special = Set((named + (extra ?? []).filter(\.isText)).map(\.content))
    for (name, _) in map.entries {
      var token = TokenDescription(Array(name.utf8), isSpecial: special.contains(Array(name.utf8)))
      token.isNormalized = !token.isSpecial
      list(token, as: Int(try map.id(name)))
    }
  }

  private mutating func list(_ token: TokenDescription, as id: Int) {
    listed[id] = token
    declared[token.content] = token
  }

  private mutating func collect(beside own: Set<[UInt8]>) {
    for (key, token) in explicit { Self.set(key, token, in: &specific) }
    for (key, token) in specific where Self.roles.contains(key) { standard[key] = .some(token) }
    let others = specific.filter { !Self.roles.contains($0.key) }
    let named =
      Self.roles.compactMap { standard[$0] ?? nil }.map { declared[$0.content] ?? $0 }
      + others.compactMap(\.token)
    let special = Set(named.map(\.content))
    tokens = listed.sorted { $0.key < $1.key }.map(\.value)
    let known = own.union(tokens.map(\.content))
    // transformers distinguishes a text from an object with that text: the flags of the later one apply.
    for token in named + (extra ?? [])
    where !known.contains(token.content) && !tokens.contains(token) {
      tokens.append(token)
    }
    for index in tokens.indices where special.contains(tokens[index].content) {
      tokens[index].isSpecial = true
    }
  }
}

extension TokenDescription {
  /// Several tokens.
  typealias List = [TokenDescription]
}

extension JSONSection {
  /// The tokens of an array, as texts or as objects that describe them.
  func tokens(_ key: String) throws(TokenizerError) -> [TokenDescription] {
    var tokens: [TokenDescription] = []
    for element in try elements(key) { tokens.append(try token(element, key)) }
    return tokens
  }

  /// The tokens of `added_tokens_decoder` with the ids that it declares, in order; nil if it is absent.
  func addedTokensDecoder() throws(TokenizerError) -> [(id: Int, token: TokenDescription)]? {
    let key = "added_tokens_decoder"
    guard let node = value(key) else { return nil }
    guard tree.nodes[node].kind == .object else { throw mismatch(key, expected: "an object") }
    var tokens: [(id: Int, token: TokenDescription)] = []
    for (name, value) in try JSONSection(tree, node: node, path: key, file: file).entries {
      guard let id = Int(name) else {
        throw mismatch(key, expected: "an object whose keys are ids")
      }
      tokens.append((id, try token(value, key)))
    }
    return tokens.sorted { $0.id < $1.id }
  }
}
