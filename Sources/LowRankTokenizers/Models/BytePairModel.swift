/// Byte-pair encoding: a word starts as single characters or bytes, and listed pairs are merged,
/// the earliest in the list first.
struct BytePairModel: TokenModel {
  let vocabulary: Vocabulary
  let merges: PairTable<Merge>
  let alphabet: Alphabet
  /// A word that is a token is that token, whatever the merges say.
  let ignoresMerges: Bool
  /// Where merges can never reach across, so that a text without words can be cut into some.
  let seams: SafeSplits?

  var unknownToken: Int32? { alphabet.unknown }
  var losesCharacters: Bool { alphabet.losesCharacters }

  func encode(
    _ word: UnsafeBufferPointer<UInt8>, offset: Int, _ workspace: inout Workspace,
    to list: inout [WordToken]
  ) {
    guard let seams, !(ignoresMerges && vocabulary.id(of: word) != nil) else {
      return encodePart(word, offset: offset, &workspace, to: &list)
    }
    var start = 0
    while start < word.count {
      let end = seams.end(of: word, from: start, alphabet)
      encodePart(
        UnsafeBufferPointer(rebasing: word[start..<end]), offset: offset + start, &workspace,
        to: &list)
      start = end
    }
  }

  @inline(__always)
  private func encodePart(
    _ word: UnsafeBufferPointer<UInt8>, offset: Int, _ workspace: inout Workspace,
    to list: inout [WordToken]
  ) {
    let isCached = word.count <= WordCache.longestWord
    let hash = isCached ? Hashing.hash(word) : 0
    if isCached, workspace.cache.append(word, hash, offset: offset, to: &list) { return }
    merge(word, &workspace.merging)
    if isCached { workspace.cache.insert(word, hash, workspace.merging.tokens) }
    for var token in workspace.merging.tokens {
      token.start += Int32(offset)
      token.end += Int32(offset)
      list.append(token)
    }
  }

  @inline(never)
  private func merge(_ word: UnsafeBufferPointer<UInt8>, _ scratch: inout MergeScratch) {
    scratch.tokens.removeAll(keepingCapacity: true)
    if ignoresMerges, let id = alphabet.id(ofWord: word, in: vocabulary) {
      scratch.tokens.append(WordToken(id: id, start: 0, end: Int32(word.count)))
      return
    }
    alphabet.spell(word, in: &scratch.tokens)
    scratch.merge(merges)
  }
}
