/// WordPiece: the longest token that a word starts with, then the longest that continues it, and so
/// on; a word of which something is left over is unknown as a whole.
struct WordPieceModel: TokenModel {
  let vocabulary: Vocabulary
  /// What a word is that cannot be made of tokens.
  let unknown: Int32
  var unknownToken: Int32? { unknown }
  /// What the vocabulary puts before a token that does not start a word.
  let prefix: [UInt8]
  /// A word of more characters is unknown.
  let mostCharacters: Int
  /// No token has more bytes, so that no longer one has to be looked for.
  private let longestToken: Int

  init(vocabulary: Vocabulary, unknown: Int32, prefix: [UInt8], mostCharacters: Int) {
    self.vocabulary = vocabulary
    self.unknown = unknown
    self.prefix = prefix
    self.mostCharacters = mostCharacters
    var longest = 0
    vocabulary.forEach { token, _ in longest = max(longest, token.count) }
    longestToken = longest
  }

  func encode(
    _ word: UnsafeBufferPointer<UInt8>, offset: Int, _ workspace: inout Workspace,
    to list: inout [WordToken]
  ) {
    guard !word.isEmpty else { return }
    let isCached = word.count <= WordCache.longestWord
    let hash = isCached ? Hashing.hash(word) : 0
    if isCached, workspace.cache.append(word, hash, offset: offset, to: &list) { return }
    let tokens = pieces(of: word) ?? [WordToken(id: unknown, start: 0, end: Int32(word.count))]
    if isCached { workspace.cache.insert(word, hash, tokens) }
    for var token in tokens {
      token.start += Int32(offset)
      token.end += Int32(offset)
      list.append(token)
    }
  }

  /// The tokens that make up a word; none where no tokens do, or it is too long.
  private func pieces(of word: UnsafeBufferPointer<UInt8>) -> [WordToken]? {
    let characters = word.reduce(0) { $0 + (UTF8Text.isContinuation($1) ? 0 : 1) }
    guard characters <= mostCharacters else { return nil }
    var result: [WordToken] = []
    var start = 0
    while start < word.count {
      guard let token = longestToken(of: word, from: start) else { return nil }
      result.append(token)
      start = Int(token.end)
    }
    return result
  }

  /// The longest token that a word has at byte `start`.
  private func longestToken(of word: UnsafeBufferPointer<UInt8>, from start: Int) -> WordToken? {
    var candidate = start == 0 ? [] : prefix
    let bytesBefore = candidate.count
    var end = min(word.count, start + max(0, longestToken - bytesBefore))
    while end > start, end < word.count, UTF8Text.isContinuation(word[end]) { end -= 1 }
    candidate.append(contentsOf: word[start..<end])
    while end > start {
      if let id = candidate.withUnsafeBufferPointer({ vocabulary.id(of: $0) }) {
        return WordToken(id: id, start: Int32(start), end: Int32(end))
      }
      let last = UTF8Text.start(before: end, in: word)
      candidate.removeLast(end - last)
      end = last
    }
    return nil
  }
}

extension WordPieceModel {
  /// BERT's prefix.
  static let continuation = Array("##".utf8)

  /// The model of a vocabulary that must have the token for what is unknown.
  init(
    vocabulary: Vocabulary, unknownToken: [UInt8], file: String, prefix: [UInt8] = continuation,
    mostCharacters: Int = 100
  ) throws(TokenizerError) {
    guard let id = vocabulary.id(of: unknownToken) else {
      let name = String(decoding: unknownToken, as: UTF8.self)
      throw .malformed(file: file, problem: "the vocabulary lacks the unk_token \"\(name)\"")
    }
    self.init(
      vocabulary: vocabulary, unknown: id, prefix: prefix, mostCharacters: mostCharacters)
  }
}

extension JSONSection {
  /// The WordPiece model that this object describes.
  func wordPieceModel() throws(TokenizerError) -> WordPieceModel {
    let vocabulary = try Vocabulary(
      reading: required("vocab", "an object"), of: tree, file: file)
    let most =
      value("max_input_chars_per_word") == nil ? 100 : try integer("max_input_chars_per_word")
    return try WordPieceModel(
      vocabulary: vocabulary, unknownToken: optionalBytes("unk_token") ?? Array("[UNK]".utf8),
      file: file,
      prefix: optionalBytes("continuing_subword_prefix") ?? WordPieceModel.continuation,
      mostCharacters: most)
  }
}
