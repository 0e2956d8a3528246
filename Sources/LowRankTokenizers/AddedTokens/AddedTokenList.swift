/// The tokens that were added to a vocabulary, with the ids and flags that PyPI `tokenizers` 0.23 gives them.
///
/// An id that a file declares does not count. A token of the vocabulary keeps its id there. The others of one batch follow
/// each other, from the number of tokens in the vocabulary on, or from the largest id of the batches before, where that is
/// more. Where two tokens meet in one id, the later one has it. A token that is added again takes on its new flags, but
/// once special it stays so.
struct AddedTokenList: Sendable {
  /// The number of tokens that the vocabulary does not have.
  private(set) var newCount = 0
  private var order: [Int32] = []
  private var byID: [Int32: AddedToken] = [:]
  private var ids: [[UInt8]: Int32] = [:]
  private var special: Set<[UInt8]> = []
  /// The ids of tokens that were looked for in the normalized text at some time: decoding writes them normalized.
  private(set) var normalizedIDs: Set<Int32> = []

  /// No tokens.
  init() {}

  /// One batch of tokens, added to a vocabulary.
  init(_ tokens: [TokenDescription], to vocabulary: Vocabulary) { add(tokens, to: vocabulary) }

  /// Adds a batch of tokens, or changes the flags of those that are there; one without text is left out.
  mutating func add(_ batch: [TokenDescription], to vocabulary: Vocabulary) {
    var next = max(Int32(vocabulary.count), (byID.keys.max() ?? -1) + 1)
    for token in batch where !token.content.isEmpty {
      if token.isSpecial { special.insert(token.content) }
      let id: Int32
      if let known = ids[token.content] ?? vocabulary.id(of: token.content) {
        id = known
      } else {
        id = next
        next += 1
        newCount += 1
      }
      ids[token.content] = id
      if byID.updateValue(token.added(as: id), forKey: id) == nil { order.append(id) }
      if token.added(as: id).isNormalized { normalizedIDs.insert(id) }
    }
  }

  /// The tokens in the order in which they were first added.
  var tokens: [AddedToken] {
    order.compactMap { byID[$0] }.map { token in
      token.isSpecial == isSpecial(Array(token.content.utf8)) ? token : token.special()
    }
  }

  /// The id of a token that was added.
  func id(of content: [UInt8]) -> Int32? { ids[content] }

  /// The id of a token that was added; 0 for any other.
  func id(of token: TokenDescription?) -> Int32 { token.flatMap { ids[$0.content] } ?? 0 }

  /// Whether a text is that of a special token.
  func isSpecial(_ content: [UInt8]) -> Bool { special.contains(content) }
}

extension AddedToken {
  /// The token as a special one, with its other flags as they are.
  fileprivate func special() -> AddedToken {
    AddedToken(
      id: id, content: content, isSpecial: true, isSingleWord: isSingleWord,
      stripsLeft: stripsLeft, stripsRight: stripsRight, isNormalized: isNormalized)
  }
}
