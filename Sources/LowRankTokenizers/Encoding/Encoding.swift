/// A text as tokens.
public struct Encoding: Hashable, Sendable {
  /// The ids of the tokens.
  public internal(set) var ids: [Int32] = []

  /// What each token stands for: a range of bytes of the original text in UTF-8.
  ///
  /// The ranges cover whole characters, so that the tokens of one character that is several tokens
  /// have the same range. A token that was added to the text has the range 0..<0.
  public internal(set) var offsets: [Range<Int>] = []

  /// Whether each token was added around the text, such as one that marks its beginning.
  ///
  /// A special token that the text itself contains is no such token.
  public internal(set) var isSpecial: [Bool] = []

  /// Which of two texts each token belongs to, as models such as BERT are told; 0 for a text alone.
  public internal(set) var typeIDs: [Int32] = []

  /// The characters of the text that are left out since the vocabulary has no token for them, in order; nil if the
  /// tokenizer leaves out none, whatever the text.
  public internal(set) var lost: String?

  /// The number of tokens.
  public var count: Int { ids.count }

  mutating func insertSpecial(_ tokens: [TemplatePostProcessor.Token], at index: Int) {
    ids.insert(contentsOf: tokens.map(\.id), at: index)
    typeIDs.insert(contentsOf: tokens.map(\.typeID), at: index)
    offsets.insert(contentsOf: repeatElement(0..<0, count: tokens.count), at: index)
    isSpecial.insert(contentsOf: repeatElement(true, count: tokens.count), at: index)
  }

  /// Keeps the first tokens.
  mutating func truncate(to count: Int) {
    guard count < self.count else { return }
    ids.removeSubrange(count...)
    offsets.removeSubrange(count...)
    isSpecial.removeSubrange(count...)
    typeIDs.removeSubrange(count...)
  }

  mutating func append(_ other: Encoding) {
    ids += other.ids
    offsets += other.offsets
    isSpecial += other.isSpecial
    typeIDs += other.typeIDs
    if let more = other.lost { lost = (lost ?? "") + more }
  }
}
