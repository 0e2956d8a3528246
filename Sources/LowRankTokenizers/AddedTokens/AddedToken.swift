/// A token that is looked for in the text before any other rule applies.
public struct AddedToken: Hashable, Sendable {
  /// The token's id.
  public let id: Int32
  /// The text that it stands for.
  public let content: String
  /// Whether decoding leaves it out unless asked not to.
  public let isSpecial: Bool
  /// Whether it counts only where no word character touches it.
  public let isSingleWord: Bool
  /// Whether it takes the white space before it along.
  public let stripsLeft: Bool
  /// Whether it takes the white space after it along.
  public let stripsRight: Bool
  /// Whether it is looked for in the normalized text.
  public let isNormalized: Bool
}
