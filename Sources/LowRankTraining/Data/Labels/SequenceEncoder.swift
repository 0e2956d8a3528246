/// One text or two as the tokens of one sequence.
public struct EncodedSequence: Hashable, Sendable {
  /// The tokens.
  public var ids: [Int32]
  /// Which text each token belongs to.
  public var typeIDs: [Int32]
  /// Whether tokens of a text were left out for the sequence to be short enough.
  public var isTruncated: Bool
  /// The characters of the texts that are left out since no token stands for them; nil if none ever are.
  public var lost: String?
  /// The image that the sequence stands for; nil for texts.
  public var image: ImageFile?

  /// As many type ids as tokens.
  public init(ids: [Int32], typeIDs: [Int32], isTruncated: Bool, lost: String? = nil) {
    precondition(ids.count == typeIDs.count, "\(ids.count) tokens, \(typeIDs.count) type ids")
    self.ids = ids
    self.typeIDs = typeIDs
    self.isTruncated = isTruncated
    self.lost = lost
  }
}

/// What turns one text or two into one sequence: a tokenizer, as far as labelling needs to know it.
public protocol SequenceEncoder: Sendable {
  /// The texts as at most `longest` tokens, together with those that the post-processor adds.
  ///
  /// What is too long loses tokens at the end of the longer text, never those that were added.
  func encodeSequence(_ first: String, _ second: String?, longest: Int) throws -> EncodedSequence
}
