/// The merges of a SentencePiece vocabulary, which has only scores: every way to make a token of two others, the
/// tokens with the highest scores first.
///
/// The order is that of transformers 5.23, which takes tokens of equal score by the length of their left half, then
/// by the length of their right half, then by their ids.
struct ScoredMerges {
  /// Two tokens and the one that they become.
  struct Pair: BitwiseCopyable, Sendable {
    var left: Int32
    var right: Int32
    var id: Int32
  }

  private(set) var pairs: [Pair] = []
  private let vocabulary: Vocabulary

  /// - Parameters:
  ///   - tokens: the tokens by id.
  ///   - vocabulary: the same tokens.
  ///   - scores: a finite score for each.
  ///   - first: tokens that come before all others, in their order, whatever their scores are.
  init(
    _ tokens: [String], in vocabulary: Vocabulary, scores: [Float], first: [Int32] = []
  ) {
    self.vocabulary = vocabulary
    pairs.reserveCapacity(tokens.count * 2)
    for id in first { append(tokens[Int(id)], id) }
    let known = Set(first)
    // The score is in the high half, so that one comparison orders by score and then by id.
    var keys: [UInt64] = []
    keys.reserveCapacity(tokens.count)
    for id in tokens.indices where !known.contains(Int32(id)) {
      keys.append(UInt64(Self.descending(scores[id])) << 32 | UInt64(id))
    }
    keys.sort()
    var start = 0
    while start < keys.count {
      var end = start + 1
      while end < keys.count, keys[end] >> 32 == keys[start] >> 32 { end += 1 }
      let firstPair = pairs.count
      for key in keys[start..<end] {
        let id = Int32(key & 0xFFFF_FFFF)
        append(tokens[Int(id)], id)
      }
      if end > start + 1 { order(from: firstPair, of: tokens) }
      start = end
    }
  }

  /// A key that is smaller for a higher score.
  private static func descending(_ score: Float) -> UInt32 {
    // Zero has two representations.
    let bits = (score + 0).bitPattern
    return ~(bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits)
  }

  /// Puts merges of tokens with the same score in order.
  private mutating func order(from start: Int, of tokens: [String]) {
    func length(_ id: Int32) -> UInt64 { UInt64(tokens[Int(id)].unicodeScalars.count) }
    let group = pairs[start...].map { (length($0.left) << 32 | length($0.right), $0) }
    let order = group.indices.sorted {
      group[$0].0 != group[$1].0 ? group[$0].0 > group[$1].0 : $0 < $1
    }
    for (place, index) in order.enumerated() { pairs[start + place] = group[index].1 }
  }

  /// Appends the merges that make a token, the longest left half first.
  private mutating func append(_ token: String, _ id: Int32) {
    var text = token
    text.withUTF8 { bytes in
      guard !bytes.isEmpty else { return }
      var at = UTF8Text.start(before: bytes.count, in: bytes)
      while at > 0 {
        if let left = vocabulary.id(of: UnsafeBufferPointer(rebasing: bytes[..<at])),
          let right = vocabulary.id(of: UnsafeBufferPointer(rebasing: bytes[at...]))
        {
          pairs.append(Pair(left: left, right: right, id: id))
        }
        at = UTF8Text.start(before: at, in: bytes)
      }
    }
  }
}
