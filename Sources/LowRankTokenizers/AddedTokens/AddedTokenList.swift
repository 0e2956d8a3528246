/// The tokens that were added to a vocabulary, with the ids and flags that PyPI `tokenizers` 0.23 gives them.
///
/// An id that a file declares does not count. A token of the vocabulary keeps its id there. Any other token follows the
/// vocabulary's number of tokens, in the order in which the tokens are added. A token that is added again takes on its
/// new flags, but once special it stays so.
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

  /// The given tokens, added to a vocabulary one after another.
  init(_ tokens: [TokenDescription], to vocabulary: Vocabulary) {
    for token in tokens { add(token, to: vocabulary) }
  }

  /// Adds a token, or changes the flags of one that is there; one without text is left out.
  mutating func add(_ token: TokenDescription, to vocabulary: Vocabulary) {
    guard !token.content.isEmpty else { return }
    if token.isSpecial { special.insert(token.content) }
    let id: Int32
    if let known = ids[token.content] ?? vocabulary.id(of: token.content) {
      id = known
    } else {
      id = Int32(vocabulary.count + newCount)
      newCount += 1
    }
    ids[token.content] = id
    if byID.updateValue(token.added(as: id), forKey: id) == nil { order.append(id) }
    if byID[id]?.isNormalized == true { normalizedIDs.insert(id) }
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
