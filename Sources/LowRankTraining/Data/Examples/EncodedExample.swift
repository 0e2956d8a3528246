/// A row as an example, and what it was made of.
public struct EncodedExample: Hashable, Sendable {
  /// The example.
  public let example: Example
  /// How many tokens the row has, those included that were cut off.
  public let length: Int
  /// The text of the row.
  public let text: String
  /// The bytes of the text that each token of the example stands for; empty for tokens that were added.
  public let offsets: [Range<Int>]
  /// How many turns of a conversation are not trained because the template changes them when others follow.
  public let unplacedTurns: Int
  /// The number of turns of a conversation that the row excludes from training, by `weight` or `train`.
  public let markedTurns: Int
  /// Whether the row excludes all of its turns from training.
  public let isWhollyMarked: Bool

  /// The characters of the text that the tokenizer leaves out; nil if it never leaves out any.
  public let lost: String?

  /// Whether tokens were cut off.
  public var isTruncated: Bool { length > example.ids.count }

  init(
    _ text: String, _ encoded: EncodedText, trained: [Range<Int>], maxLength: Int,
    unplacedTurns: Int = 0, markedTurns: Int = 0, isWhollyMarked: Bool = false
  ) {
    let count = min(encoded.ids.count, maxLength)
    example = Example(
      ids: Array(encoded.ids.prefix(count)), trained: trained.map { $0.clamped(to: 0..<count) })
    length = encoded.ids.count
    self.text = text
    lost = encoded.lost
    offsets = Array(encoded.offsets.prefix(count))
    self.unplacedTurns = unplacedTurns
    self.markedTurns = markedTurns
    self.isWhollyMarked = isWhollyMarked
  }
}
