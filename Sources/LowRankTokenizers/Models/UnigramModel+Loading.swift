extension JSONSection {
  /// The unigram model that this object describes.
  func unigramModel() throws(TokenizerError) -> UnigramModel {
    let nodes = try elements("vocab")
    var pieces = UnigramPieces(file: file, key: "\(path).vocab", capacity: nodes.count)
    for node in nodes {
      let pair = tree.nodes[node].kind == .array ? Array(tree.children(of: node)) : []
      guard pair.count == 2, tree.isString(pair[0]), let score = tree.number(pair[1]) else {
        throw pieces.malformed("a piece and its score")
      }
      try tree.withString(pair[0]) { piece throws(TokenizerError) in
        try pieces.append(piece, score: score)
      }
    }
    return try pieces.model(
      unknown: integer("unk_id"), named: "\(path).unk_id",
      fallsBackToBytes: bool("byte_fallback", default: false))
  }
}

/// Collects the pieces of a unigram model, each of which has its place in the list as its id.
struct UnigramPieces {
  let file: String
  /// Where in the file the pieces are.
  let key: String
  private var vocabulary: Vocabulary
  private var scores: [Double] = []

  init(file: String, key: String, capacity: Int) {
    (self.file, self.key) = (file, key)
    vocabulary = Vocabulary(capacity: capacity)
    scores.reserveCapacity(capacity)
  }

  /// What is said of the piece that comes next.
  func malformed(_ expected: String) -> TokenizerError {
    .malformed(file: file, problem: "\(key)[\(scores.count)] must be \(expected)")
  }

  mutating func append(
    _ piece: UnsafeBufferPointer<UInt8>, score: Double
  ) throws(TokenizerError) {
    guard score.isFinite else { throw malformed("a piece with a finite score") }
    guard scores.count <= Vocabulary.largestID else {
      throw malformed("the last piece: no more than \(Vocabulary.largestID) are read")
    }
    guard vocabulary.insert(piece, id: Int32(scores.count)) else {
      let name = String(decoding: piece, as: UTF8.self)
      throw malformed("a new piece, and \"\(name)\" is there already")
    }
    scores.append(score)
  }

  mutating func append(_ piece: some Sequence<UInt8>, score: Double) throws(TokenizerError) {
    try Array(piece).withUnsafeBufferPointer { piece throws(TokenizerError) in
      try append(piece, score: score)
    }
  }

  /// The id of a piece that scores zero.
  func neutralID(of piece: [UInt8]) -> Int? {
    guard let id = vocabulary.id(of: piece), scores[Int(id)] == 0 else { return nil }
    return Int(id)
  }

  /// The model of the pieces; `named` is the key that the id of the unknown piece has.
  func model(
    unknown: Int, named: String, fallsBackToBytes: Bool
  ) throws(TokenizerError) -> UnigramModel {
    guard scores.indices.contains(unknown) else {
      throw .malformed(
        file: file, problem: "\(named) must be the id of one of the \(scores.count) pieces")
    }
    return UnigramModel(
      vocabulary: vocabulary, scores: scores, unknown: Int32(unknown),
      fallsBackToBytes: fallsBackToBytes)
  }
}
