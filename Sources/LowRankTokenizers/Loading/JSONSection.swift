/// An object of a tokenizer file, with the path that leads to it, for sentences about it.
struct JSONSection {
  let tree: JSONTree
  let file: String
  let path: String
  private let node: Int
  private let values: [[UInt8]: Int]

  /// The object at a node.
  init(_ tree: JSONTree, node: Int, path: String, file: String) throws(TokenizerError) {
    (self.tree, self.node, self.path, self.file) = (tree, node, path, file)
    guard tree.nodes[node].kind == .object else {
      throw .malformed(
        file: file, problem: "\(path.isEmpty ? "the file" : path) must be an object")
    }
    var values: [[UInt8]: Int] = [:]
    var children = tree.children(of: node)
    while let key = children.next(), let value = children.next() {
      let name = tree.string(key)
      guard values.updateValue(value, forKey: name) == nil else {
        let name = String(decoding: name, as: UTF8.self)
        let place = path.isEmpty ? "the file" : path
        throw .malformed(file: file, problem: "\(place) has the key \"\(name)\" twice")
      }
    }
    self.values = values
  }

  private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func mismatch(_ key: String, expected: String) -> TokenizerError {
    .malformed(file: file, problem: "\(place(key)) must be \(expected)")
  }

  func unsupported(_ feature: String) -> TokenizerError {
    .unsupported(file: file, feature: feature)
  }

  /// The node of a key that is there and not null.
  func value(_ key: String) -> Int? {
    guard let node = values[Array(key.utf8)], tree.nodes[node].kind != .null else { return nil }
    return node
  }

  /// The keys with their nodes, including null ones, in the order of the file.
  var entries: [(key: String, node: Int)] {
    var entries: [(key: String, node: Int)] = []
    var children = tree.children(of: node)
    while let key = children.next(), let value = children.next() {
      entries.append((String(decoding: tree.string(key), as: UTF8.self), value))
    }
    return entries
  }

  func required(_ key: String, _ expected: String) throws(TokenizerError) -> Int {
    guard let node = value(key) else { throw mismatch(key, expected: expected) }
    return node
  }

  func section(_ key: String) throws(TokenizerError) -> JSONSection? {
    guard let node = value(key) else { return nil }
    return try JSONSection(tree, node: node, path: place(key), file: file)
  }

  func requiredSection(_ key: String) throws(TokenizerError) -> JSONSection {
    try JSONSection(tree, node: required(key, "an object"), path: place(key), file: file)
  }

  /// The elements of an array.
  func elements(_ key: String) throws(TokenizerError) -> [Int] {
    let node = try required(key, "an array")
    guard tree.nodes[node].kind == .array else { throw mismatch(key, expected: "an array") }
    return Array(tree.children(of: node))
  }

  /// The objects of an array.
  func sections(_ key: String) throws(TokenizerError) -> [JSONSection] {
    var result: [JSONSection] = []
    for node in try elements(key) {
      let place = "\(place(key))[\(result.count)]"
      result.append(try JSONSection(tree, node: node, path: place, file: file))
    }
    return result
  }

  func optionalBytes(_ key: String) throws(TokenizerError) -> [UInt8]? {
    guard let node = value(key) else { return nil }
    guard tree.isString(node) else { throw mismatch(key, expected: "a string") }
    return tree.string(node)
  }

  func bytes(_ key: String) throws(TokenizerError) -> [UInt8] {
    guard let bytes = try optionalBytes(key) else { throw mismatch(key, expected: "a string") }
    return bytes
  }

  func optionalString(_ key: String) throws(TokenizerError) -> String? {
    try optionalBytes(key).map { String(decoding: $0, as: UTF8.self) }
  }

  func string(_ key: String) throws(TokenizerError) -> String {
    String(decoding: try bytes(key), as: UTF8.self)
  }

  func bool(_ key: String, default fallback: Bool) throws(TokenizerError) -> Bool {
    guard let node = value(key) else { return fallback }
    switch tree.nodes[node].kind {
    case .true: return true
    case .false: return false
    default: throw mismatch(key, expected: "true or false")
    }
  }

  func integer(_ key: String) throws(TokenizerError) -> Int {
    guard let node = value(key), let integer = tree.integer(node) else {
      throw mismatch(key, expected: "an integer")
    }
    return integer
  }

  func optionalNumber(_ key: String) throws(TokenizerError) -> Double? {
    guard let node = value(key) else { return nil }
    guard let number = tree.number(node) else { throw mismatch(key, expected: "a number") }
    return number
  }

  /// A string that must be one of a few.
  func choice<Choice: RawRepresentable<String>>(
    _ key: String, default fallback: Choice
  ) throws(TokenizerError) -> Choice {
    guard let name = try optionalString(key) else { return fallback }
    guard let choice = Choice(rawValue: name) else {
      throw unsupported("\(place(key)) \"\(name)\"")
    }
    return choice
  }

  /// A token's id.
  func id(_ key: String) throws(TokenizerError) -> Int32 {
    let id = try integer(key)
    guard id >= 0, id <= Vocabulary.largestID else {
      throw mismatch(key, expected: "from 0 to \(Vocabulary.largestID)")
    }
    return Int32(id)
  }
}
