/// Turns texts into the sequences that a model labels.
public struct LabelledEncoder: Sendable {
  /// What turns texts into tokens.
  public var encoder: any SequenceEncoder
  /// How many tokens a sequence has at the most, those that the post-processor adds included.
  public var maxLength: Int
  /// How many tokens the model knows, where that is known.
  public var vocabularySize: Int?

  /// Sequences of at most `maxLength` tokens.
  public init(_ encoder: any SequenceEncoder, maxLength: Int, vocabularySize: Int? = nil) {
    precondition(maxLength > 0, "sequences of \(maxLength) tokens")
    self.encoder = encoder
    self.maxLength = maxLength
    self.vocabularySize = vocabularySize
  }

  /// What reads images; nil for texts.
  public var images: ImageEncoder? { encoder as? ImageEncoder }

  /// One text or two as one sequence; of an image its path.
  ///
  /// - Throws: `DataError` where the tokenizer belongs to a larger model, and what the tokenizer
  ///   throws.
  public func sequence(_ texts: [String]) throws -> EncodedSequence {
    precondition((1...2).contains(texts.count), "\(texts.count) texts in one sequence")
    let sequence = try encoder.encodeSequence(
      texts[0], texts.count == 2 ? texts[1] : nil, longest: maxLength)
    try requireKnown(sequence.ids, vocabularySize: vocabularySize)
    return sequence
  }
}
