extension JSONSection {
  /// The byte-pair model that this object describes.
  func bytePairModel(isByteLevel: Bool) throws(TokenizerError) -> BytePairModel {
    if let dropout = try optionalNumber("dropout"), dropout != 0 {
      throw unsupported("dropout of merges")
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = try optionalBytes(key), !affix.isEmpty { throw unsupported("the \(key)") }
    }
    var builder = BytePairBuilder(file: file)
    try builder.read(vocabulary: required("vocab", "an object"), of: tree)
    try builder.read(merges: elements("merges"), of: tree)
    return try builder.model(
      isByteLevel: isByteLevel,
      fallsBackToBytes: bool("byte_fallback", default: false),
      unknown: optionalBytes("unk_token"),
      fusesUnknown: bool("fuse_unk", default: false),
      ignoresMerges: bool("ignore_merges", default: false))
  }
}

/// Collects the vocabulary and the merges of a byte-pair model.
struct BytePairBuilder {
  let file: String
  private(set) var vocabulary: Vocabulary
  private var merges = PairTable<Merge>(capacity: 0, empty: Merge(rank: 0, id: 0))
  private(set) var pairs: [(left: Int32, right: Int32)] = []
  /// Both halves of the merge that is being read.
  private var joined: [UInt8] = []

  init(file: String, vocabulary: Vocabulary = Vocabulary(capacity: 0)) {
    self.file = file
    self.vocabulary = vocabulary
  }

  private func malformed(_ problem: String) -> TokenizerError {
    .malformed(file: file, problem: problem)
  }

  private func text(_ token: some Sequence<UInt8>) -> String {
    String(decoding: Array(token), as: UTF8.self)
  }

  /// Reads an object of tokens and ids.
  mutating func read(vocabulary node: Int, of tree: JSONTree) throws(TokenizerError) {
    vocabulary = try Vocabulary(reading: node, of: tree, file: file)
  }

  /// Reads merges in either form, `"a b"` or `["a", "b"]`.
  mutating func read(merges nodes: [Int], of tree: JSONTree) throws(TokenizerError) {
    reserve(nodes.count)
    for (line, node) in nodes.enumerated() {
      let isRead: Bool
      if tree.isString(node) {
        isRead = tree.withString(node) { add(line: line, $0) }
      } else {
        let halves = tree.nodes[node].kind == .array ? Array(tree.children(of: node)) : []
        guard halves.count == 2, halves.allSatisfy(tree.isString) else {
          throw malformed("merge \(line) must be two tokens")
        }
        isRead = tree.withString(halves[0]) { left in
          tree.withString(halves[1]) { add(line: line, left, $0) }
        }
      }
      guard isRead else {
        let source = tree.bytes[Int(tree.nodes[node].start)..<Int(tree.nodes[node].end)]
        throw malformed(merge: line, text(source))
      }
    }
  }

  /// Reads merges of one line each.
  mutating func read(mergeLines bytes: [UInt8]) throws(TokenizerError) {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    lines.removeAll { $0.starts(with: "#version".utf8) }
    reserve(lines.count)
    for (index, line) in lines.enumerated() {
      let merge = line.last == 0x0D ? line.dropLast() : line
      guard merge.withUnsafeBufferPointer({ add(line: index, $0) }) else {
        throw malformed(merge: index, text(merge))
      }
    }
  }

  /// Reads merges of two tokens with a space between.
  mutating func read(merges: [String]) throws(TokenizerError) {
    reserve(merges.count)
    for (line, merge) in merges.enumerated() {
      var text = merge
      guard text.withUTF8({ add(line: line, $0) }) else { throw malformed(merge: line, merge) }
    }
  }

  /// Takes merges whose tokens are known.
  mutating func take(_ known: [ScoredMerges.Pair]) {
    reserve(known.count)
    for (line, pair) in known.enumerated() {
      merges.set(pair.left, pair.right, to: Merge(rank: UInt32(line), id: pair.id))
      pairs.append((pair.left, pair.right))
    }
  }

  private func malformed(merge line: Int, _ source: String) -> TokenizerError {
    malformed(
      """
      merge \(line) must be two tokens of the vocabulary which together are a third, found \(source)
      """)
  }

  private mutating func reserve(_ count: Int) {
    merges = PairTable(capacity: count, empty: Merge(rank: 0, id: 0))
    pairs.reserveCapacity(count)
  }

  /// Adds a merge of two tokens with a space between; false where it is none.
  private mutating func add(line: Int, _ merge: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let space = merge.firstIndex(of: 0x20), merge.lastIndex(of: 0x20) == space else {
      return false
    }
    return add(
      line: line, UnsafeBufferPointer(rebasing: merge[..<space]),
      UnsafeBufferPointer(rebasing: merge[(space + 1)...]))
  }

  private mutating func add(
    line: Int, _ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    joined.removeAll(keepingCapacity: true)
    joined.append(contentsOf: left)
    joined.append(contentsOf: right)
    guard let first = vocabulary.id(of: left), let second = vocabulary.id(of: right),
      let id = joined.withUnsafeBufferPointer({ vocabulary.id(of: $0) })
    else { return false }
    merges.set(first, second, to: Merge(rank: UInt32(line), id: id))
    pairs.append((first, second))
    return true
  }

  func model(
    isByteLevel: Bool, fallsBackToBytes: Bool = false, unknown: [UInt8]? = nil,
    fusesUnknown: Bool = false, ignoresMerges: Bool = false
  ) throws(TokenizerError) -> BytePairModel {
    let unknownID = unknown.flatMap { vocabulary.id(of: $0) }
    // At the level of bytes nothing is unknown, and several files name a token that is not there.
    if let unknown, unknownID == nil, !isByteLevel {
      throw malformed("the vocabulary lacks the unk_token \"\(text(unknown))\"")
    }
    let alphabet = Alphabet(
      vocabulary, isByteLevel: isByteLevel, fallsBackToBytes: fallsBackToBytes,
      unknown: unknownID, fusesUnknown: fusesUnknown)
    return BytePairModel(
      vocabulary: vocabulary, merges: merges, alphabet: alphabet, ignoresMerges: ignoresMerges,
      // Where a whole word may be a token, it must not be cut before it is looked up.
      seams: ignoresMerges ? nil : SafeSplits(pairs, vocabulary, alphabet))
  }
}
