/// Unigram: of all ways to make a word of pieces, the one whose scores add up to the most.
///
/// A character that no piece consists of may also be unknown, at a score far below every piece's.
struct UnigramModel: TokenModel {
  let vocabulary: Vocabulary
  /// What characters are that cannot be made of pieces.
  let unknown: Int32
  var unknownToken: Int32? { unknown }
  private let trie: PieceTrie
  /// Scores by id.
  private let scores: [Double]
  private let unknownScore: Double
  /// Ids of `<0x00>` to `<0xFF>`; empty without fallback to bytes, and where one is missing.
  private let bytes: [Int32?]

  /// What a longer word needs is given back.
  private static let longestKept = 1 << 16

  /// How much less an unknown character scores than the worst piece.
  private static let penalty = 10.0

  init(vocabulary: Vocabulary, scores: [Double], unknown: Int32, fallsBackToBytes: Bool) {
    self.vocabulary = vocabulary
    self.scores = scores
    self.unknown = unknown
    trie = PieceTrie(vocabulary)
    unknownScore = (scores.min() ?? 0) - Self.penalty
    bytes =
      fallsBackToBytes ? (0...255).map { vocabulary.id(of: Alphabet.byteToken($0)) } : []
  }

  func encode(
    _ word: UnsafeBufferPointer<UInt8>, offset: Int, _ workspace: inout Workspace,
    to list: inout [WordToken]
  ) {
    guard !word.isEmpty else { return }
    let isCached = word.count <= WordCache.longestWord
    let hash = isCached ? Hashing.hash(word) : 0
    if isCached, workspace.cache.append(word, hash, offset: offset, to: &list) { return }
    let first = list.count
    findBestPath(of: word, &workspace.path)
    appendPath(of: word, workspace.path, to: &list)
    if word.count > Self.longestKept { workspace.path = BestPath() }
    if isCached { workspace.cache.insert(word, hash, Array(list[first...])) }
    for index in first..<list.count {
      list[index].start += Int32(offset)
      list[index].end += Int32(offset)
    }
  }

  /// Fills in, for every place in a word, the last piece of the best path that ends there.
  private func findBestPath(of word: UnsafeBufferPointer<UInt8>, _ path: inout BestPath) {
    path.reset(word.count)
    var at = 0
    while at < word.count {
      let score = path.scores[at]
      let next = at + UTF8Text.length(startingWith: word[at])
      var isKnown = false
      trie.forEachPiece(of: word, at: at) { id, end in
        isKnown = isKnown || end == next
        path.offer(id, from: at, to: end, score: scores[Int(id)] + score)
      }
      if !isKnown { path.offer(unknown, from: at, to: next, score: unknownScore + score) }
      at = next
    }
  }

  /// Appends the pieces of the best path; unknown ones in a row are one.
  private func appendPath(
    of word: UnsafeBufferPointer<UInt8>, _ path: BestPath, to list: inout [WordToken]
  ) {
    let first = list.count
    var end = word.count
    while end > 0 {
      let id = path.ids[end]
      var start = Int(path.starts[end])
      while id == unknown, start > 0, path.ids[start] == unknown { start = Int(path.starts[start]) }
      if id == unknown {
        appendUnknown(word, start..<end, to: &list)
      } else {
        list.append(WordToken(id: id, start: Int32(start), end: Int32(end)))
      }
      end = start
    }
    list[first...].reverse()
  }

  /// Appends what unknown characters become, from the last token to the first.
  private func appendUnknown(
    _ word: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to list: inout [WordToken]
  ) {
    func append(_ id: Int32) {
      list.append(
        WordToken(id: id, start: Int32(range.lowerBound), end: Int32(range.upperBound)))
    }
    let run = UnsafeBufferPointer(rebasing: word[range])
    // Together they may spell a piece, such as the unknown one itself.
    if let id = vocabulary.id(of: run) { return append(id) }
    let fallback = bytes.isEmpty ? [] : run.compactMap { bytes[Int($0)] }
    guard fallback.count == run.count else { return append(unknown) }
    for id in fallback.reversed() { append(id) }
  }
}

/// The best way to every place in a word, by the piece that ends there.
struct BestPath: Sendable {
  private(set) var scores: [Double] = []
  private(set) var starts: [Int32] = []
  private(set) var ids: [Int32] = []

  /// Prepares for a word of so many bytes: no path ends anywhere but at its start.
  mutating func reset(_ count: Int) {
    if scores.count <= count {
      scores = Array(repeating: 0, count: count + 1)
      starts = Array(repeating: -1, count: count + 1)
      ids = Array(repeating: -1, count: count + 1)
    }
    scores[0] = 0
    for place in 1...count { starts[place] = -1 }
  }

  /// Takes a piece where none that ends there scores as much.
  @inline(__always)
  mutating func offer(_ id: Int32, from start: Int, to end: Int, score: Double) {
    guard starts[end] < 0 || score > scores[end] else { return }
    scores[end] = score
    starts[end] = Int32(start)
    ids[end] = id
  }
}
