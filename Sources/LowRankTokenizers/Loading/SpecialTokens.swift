/// What a folder's files say of its special tokens: `tokenizer_config.json`, or the older
/// `special_tokens_map.json` and `added_tokens.json`.
struct SpecialTokens {
  /// What a special token is for, in the order in which the tokens are added.
  enum Role: String, CaseIterable {
    case begin = "bos_token"
    case end = "eos_token"
    case unknown = "unk_token"
    case separator = "sep_token"
    case padding = "pad_token"
    case classifier = "cls_token"
    case mask = "mask_token"
  }

  private(set) var named: [Role: TokenDescription]
  /// Tokens by the ids that they had when the folder was written, in the order of these.
  private var listed: [TokenDescription] = []
  private var extra: [TokenDescription]?

  /// - Parameters:
  ///   - names: What the tokens are where nothing is said.
  ///   - extra: Tokens that the vocabulary's own file names; those of the configuration come before.
  init(
    _ folder: TokenizerFolder, _ names: [Role: String], extra: [TokenDescription]? = nil
  ) throws(TokenizerError) {
    named = [:]
    if let settings = folder.settings { try read(settings) }
    if try !readListed(folder.settings) {
      if let map = try folder.object("special_tokens_map.json") { try read(map) }
      try readAddedTokens(folder.object("added_tokens.json"))
    }
    named.merge(names.mapValues { TokenDescription($0) }) { configured, _ in configured }
    self.extra = self.extra ?? extra
    for role in named.keys { named[role]?.isSpecial = true }
    let special = Set(named.values.map(\.content))
    for index in listed.indices where special.contains(listed[index].content) {
      listed[index].isSpecial = true
    }
  }

  /// Reads the named tokens and the extra ones.
  private mutating func read(_ section: JSONSection) throws(TokenizerError) {
    for role in Role.allCases {
      if let node = section.value(role.rawValue) {
        named[role] = try section.token(node, role.rawValue)
      }
    }
    for key in ["extra_special_tokens", "additional_special_tokens"] where extra == nil {
      guard let node = section.value(key) else { continue }
      // An empty object is how some versions write that there are none.
      if section.tree.nodes[node].kind == .object {
        guard section.tree.nodes[node].next == node + 1 else {
          throw section.unsupported("special tokens of other names in \(key)")
        }
        continue
      }
      extra = try section.tokens(key)
    }
  }

  /// Reads `added_tokens_decoder`; false where it is not there.
  private mutating func readListed(_ settings: JSONSection?) throws(TokenizerError) -> Bool {
    guard let settings, let tokens = try settings.addedTokensDecoder() else { return false }
    listed = tokens.map(\.token)
    return true
  }

  /// Reads an object of tokens and ids.
  private mutating func readAddedTokens(_ map: JSONSection?) throws(TokenizerError) {
    guard let map else { return }
    let special = named.values.map(\.content) + (extra ?? []).map(\.content)
    let tokens = try Vocabulary(reading: 0, of: map.tree, file: map.file)
    var found: [(id: Int32, token: TokenDescription)] = []
    tokens.forEach { content, id in
      var token = TokenDescription(content, isSpecial: special.contains(content))
      token.isNormalized = !token.isSpecial
      found.append((id, token))
    }
    listed = found.sorted { $0.id < $1.id }.map(\.token)
  }

  /// All tokens with their ids: the vocabulary's, or new ones after it.
  func added(to vocabulary: Vocabulary) -> AddedTokenList {
    let known = Set(listed.map(\.content))
    let others = Role.allCases.compactMap { named[$0] } + (extra ?? [])
    var seen: Set<[UInt8]> = []
    let tokens = listed + others.filter { !known.contains($0.content) }
    return AddedTokenList(tokens.filter { seen.insert($0.content).inserted }, to: vocabulary)
  }
}
