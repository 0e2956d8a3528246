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

  /// The number of tokens.
  public var count: Int { ids.count }

  mutating func insertSpecial(_ tokens: [Int32], at index: Int) {
    ids.insert(contentsOf: tokens, at: index)
    offsets.insert(contentsOf: repeatElement(0..<0, count: tokens.count), at: index)
    isSpecial.insert(contentsOf: repeatElement(true, count: tokens.count), at: index)
  }
}
