/// A text as tokens, with the bytes that each stands for.
public struct EncodedText: Hashable, Sendable {
  /// The tokens.
  public var ids: [Int32]
  /// The range of UTF-8 bytes of the text that each token stands for; empty for tokens that were added
  /// to it.
  public var offsets: [Range<Int>]
  /// The characters of the text that are left out since no token stands for them; nil if none ever are.
  public var lost: String?

  /// As many offsets as tokens.
  public init(ids: [Int32], offsets: [Range<Int>], lost: String? = nil) {
    precondition(ids.count == offsets.count, "\(ids.count) tokens, \(offsets.count) offsets")
    self.ids = ids
    self.offsets = offsets
    self.lost = lost
  }
}

/// What turns texts into tokens: a tokenizer, as far as training needs to know it.
public protocol TextEncoder: Sendable {
  /// A text as tokens, together with those that the post-processor adds to it.
  func encodeForTraining(_ text: String) throws -> EncodedText
  /// A text that a chat template wrote, special tokens and all, as tokens: none is added.
  func encodeRendered(_ text: String) throws -> EncodedText
}
