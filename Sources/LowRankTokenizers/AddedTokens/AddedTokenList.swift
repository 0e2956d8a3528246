/// The tokens added to a vocabulary, with the ids and flags that PyPI `tokenizers` 0.23 assigns.
///
/// Declared ids are ignored. A token of the vocabulary keeps its id. The other tokens of a batch get consecutive ids
/// from the size of the vocabulary on, or after the largest id of earlier batches if that is greater. If two tokens
/// get the same id, the later one has it. Adding a token again replaces its flags, but a special token stays special.
struct AddedTokenList: Sendable {
  /// The number of added tokens that are not in the vocabulary.
  private(set) var newCount = 0
  private var order: [Int32] = []
  private var byID: [Int32: AddedToken] = [:]
  private var ids: [[UInt8]: Int32] = [:]
  private var special: Set<[UInt8]> = []
  /// The tokens of each id that were matched in the normalized text at some time, in the order in which they were added.
  private(set) var normalized: [Int32: [[UInt8]]] = [:]

  /// Creates an empty list.
  init() {}

  /// Creates a list with one batch of tokens.
  init(_ tokens: [TokenDescription], to vocabulary: Vocabulary) { add(tokens, to: vocabulary) }

  /// Adds a batch of tokens, or changes the flags of existing ones; tokens without text are ignored.
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
      if token.added(as: id).isNormalized { normalized[id, default: []].append(token.content) }
    }
  }

  /// The tokens in the order in which they were first added.
  var tokens: [AddedToken] {
    order.compactMap { byID[$0] }.map { token in
      token.isSpecial == isSpecial(Array(token.content.utf8)) ? token : token.special()
    }
  }

  /// The id of an added token.
  func id(of content: [UInt8]) -> Int32? { ids[content] }

  /// The id of an added token; 0 for any other.
  func id(of token: TokenDescription?) -> Int32 { token.flatMap { ids[$0.content] } ?? 0 }

  /// Whether a text is a special token.
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
