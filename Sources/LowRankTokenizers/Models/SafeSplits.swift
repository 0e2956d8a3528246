/// Places in a text that no merge reaches across.
///
/// A vocabulary in SentencePiece's manner is used without cutting the text into words first: the
/// whole book is one word. Yet nearly every such vocabulary has no token with a space inside, so
/// that the pair (letter, space) occurs at the middle of no merge. Where two neighbouring letters
/// are never the last of a merge's left half and the first of its right half, the text can be cut,
/// and the parts encoded (and remembered) one by one with exactly the same result.
struct SafeSplits: Sendable {
  private let joined: PairTable<Bool>

  /// Nothing where the model's words are bytes: those are short already.
  init?(_ merges: [(left: Int32, right: Int32)], _ vocabulary: Vocabulary, _ alphabet: Alphabet) {
    guard !alphabet.isByteLevel else { return nil }
    var edges: [Int32: (first: [Int32], last: [Int32])] = [:]
    func edge(_ id: Int32) -> (first: [Int32], last: [Int32]) {
      if let known = edges[id] { return known }
      // A token of several characters may still be a letter by itself: a byte or the unknown one.
      var result = (first: [id], last: [id])
      vocabulary.token(of: id)?.withUnsafeBufferPointer { token in
        guard !token.isEmpty else { return }
        let last = UTF8Text.start(before: token.count, in: token)
        if case .token(let letter) = alphabet.letter(in: token, at: 0).letter {
          result.first.append(letter)
        }
        if case .token(let letter) = alphabet.letter(in: token, at: last).letter {
          result.last.append(letter)
        }
      }
      edges[id] = result
      return result
    }
    var joined = PairTable<Bool>(capacity: 1024, empty: false)
    for (left, right) in merges {
      for last in edge(left).last {
        for first in edge(right).first { joined.set(last, first, to: true) }
      }
    }
    self.joined = joined
  }

  /// The end of the part of a text that starts at byte `start`.
  func end(
    of text: UnsafeBufferPointer<UInt8>, from start: Int, _ alphabet: Alphabet
  ) -> Int {
    var at = start
    var left: Int32 = -1
    // An unknown character waits for the next known one before it becomes a token.
    var hasPending = false
    while at < text.count {
      let (letter, length) = alphabet.letter(in: text, at: at)
      let (first, last): (Int32, Int32) =
        switch letter {
        case .token(let id): (id, id)
        case .bytes(let first, let last): (first, last)
        case .unknown: (-1, -1)
        }
      if left >= 0, first >= 0, !hasPending, joined[left, first] == nil { return at }
      switch letter {
      case .token: hasPending = false
      case .bytes: break
      case .unknown: hasPending = true
      }
      left = last
      at += length
    }
    return at
  }
}
