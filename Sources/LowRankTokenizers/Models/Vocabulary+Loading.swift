extension Vocabulary {
  /// Reads an object of tokens and ids.
  init(reading node: Int, of tree: JSONTree, file: String) throws(TokenizerError) {
    guard tree.nodes[node].kind == .object else {
      throw .malformed(file: file, problem: "vocab must be an object")
    }
    let nodes = Int(tree.nodes[node].next) - node
    self.init(capacity: nodes / 2)
    var children = tree.children(of: node)
    while let key = children.next(), let value = children.next() {
      let name = { String(decoding: tree.string(key), as: UTF8.self) }
      guard let id = tree.integer(value), id >= 0, id <= Self.largestID else {
        throw .malformed(
          file: file, problem: "the id of \"\(name())\" must be from 0 to \(Self.largestID)")
      }
      guard tree.withString(key, { insert($0, id: Int32(id)) }) else {
        throw .malformed(file: file, problem: "the vocabulary has \"\(name())\" twice")
      }
    }
  }
}
