/// A token that is to be added, before it has an id.
struct TokenDescription: Equatable {
  var content: [UInt8]
  var isSpecial: Bool
  var isSingleWord = false
  var stripsLeft = false
  var stripsRight = false
  /// Nothing: where it is not special.
  var isNormalized: Bool?
  /// Whether the file gives only its text.
  var isText = true

  init(_ content: [UInt8], isSpecial: Bool = true) {
    self.content = content
    self.isSpecial = isSpecial
  }

  init(_ content: String) { self.init(Array(content.utf8)) }

  func added(as id: Int32) -> AddedToken {
    AddedToken(
      id: id, content: String(decoding: content, as: UTF8.self), isSpecial: isSpecial,
      isSingleWord: isSingleWord, stripsLeft: stripsLeft, stripsRight: stripsRight,
      isNormalized: isNormalized ?? !isSpecial)
  }
}

extension JSONSection {
  /// A token as a node of this object has it, under `key`: its text alone, or an object.
  func token(_ node: Int, _ key: String) throws(TokenizerError) -> TokenDescription {
    if tree.isString(node) { return TokenDescription(tree.string(node)) }
    guard tree.nodes[node].kind == .object else {
      throw mismatch(key, expected: "a token, or an object that describes one")
    }
    let section = try JSONSection(tree, node: node, path: key, file: file)
    var token = TokenDescription(
      try section.bytes("content"), isSpecial: try section.bool("special", default: false))
    token.isText = false
    token.isSingleWord = try section.bool("single_word", default: false)
    token.stripsLeft = try section.bool("lstrip", default: false)
    token.stripsRight = try section.bool("rstrip", default: false)
    if section.value("normalized") != nil {
      token.isNormalized = try section.bool("normalized", default: false)
    }
    return token
  }
}
