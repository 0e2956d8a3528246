/// Turns texts into examples.
///
/// A text is the tokenizer's output with what its post-processor adds, followed by the end of sequence. A
/// prompt and its completion are joined as given, with the separator between them, and become tokens
/// together, as the model will see them; a token that starts before the completion belongs to the
/// prompt and is not learnt. The end of sequence is learnt, so that the model learns to stop.
public struct ExampleEncoder: Sendable {
  /// What turns texts into tokens.
  public var encoder: any TextEncoder
  /// The token that follows each row unless the post-processor put it there; none to add nothing.
  public var endOfSequence: Int32?
  /// How many tokens of a row are kept, counted from its beginning.
  public var maxLength: Int
  /// What stands between a prompt and its completion; part of the prompt.
  public var separator: String
  /// How many tokens the model knows, where that is known.
  public var vocabularySize: Int?

  /// Examples of at most `maxLength` tokens.
  public init(
    _ encoder: any TextEncoder, endOfSequence: Int32?, maxLength: Int, separator: String = "",
    vocabularySize: Int? = nil
  ) {
    precondition(maxLength > 1, "a row of \(maxLength) tokens has none to predict")
    self.encoder = encoder
    self.endOfSequence = endOfSequence
    self.maxLength = maxLength
    self.separator = separator
    self.vocabularySize = vocabularySize
  }

  /// A row as an example, and whether it had to be truncated.
  ///
  /// - Throws: `DataError` where the tokenizer belongs to a larger model, and what the tokenizer throws.
  public func example(_ row: TextRow) throws -> (example: Example, isTruncated: Bool) {
    switch row {
    case .text(let text): try example(text, givenBytes: 0)
    case .completion(let prompt, let completion):
      try example(
        prompt + separator + completion, givenBytes: prompt.utf8.count + separator.utf8.count)
    }
  }

  private func example(_ text: String, givenBytes: Int) throws -> (Example, isTruncated: Bool) {
    let encoded = try encoder.encodeForTraining(text)
    var ids = encoded.ids
    if let endOfSequence, ids.last != endOfSequence { ids.append(endOfSequence) }
    try requireKnown(ids, vocabularySize: vocabularySize)
    let given = encoded.offsets.lastIndex { !$0.isEmpty && $0.lowerBound < givenBytes }
    let count = min(ids.count, maxLength)
    let trained = min(given.map { $0 + 1 } ?? 0, count)..<count
    return (Example(ids: Array(ids.prefix(count)), trained: [trained]), count < ids.count)
  }
}
