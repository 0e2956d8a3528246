/// Turns texts into examples.
///
/// A text is the tokenizer's output with what its post-processor adds, followed by the end of sequence. A
/// prompt and its completion are joined as given, with the separator between them, and become tokens
/// together, as the model will see them; a token that starts before the completion belongs to the
/// prompt and is not trained unless prompts are. The end of sequence is trained, so that the model learns to stop. A conversation is what the
/// chat template writes and nothing else; ``ChatEncoding`` says which of its tokens are trained.
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
  /// How conversations become texts; nil where there is no chat template.
  public var chat: ChatEncoding?
  /// Whether the prompts of completions are trained, too.
  public var trainsPrompts: Bool

  /// Examples of at most `maxLength` tokens.
  public init(
    _ encoder: any TextEncoder, endOfSequence: Int32?, maxLength: Int, separator: String = "",
    vocabularySize: Int? = nil, chat: ChatEncoding? = nil, trainsPrompts: Bool = false
  ) {
    precondition(maxLength > 1, "a row of \(maxLength) tokens has none to predict")
    self.encoder = encoder
    self.endOfSequence = endOfSequence
    self.maxLength = maxLength
    self.separator = separator
    self.vocabularySize = vocabularySize
    self.chat = chat
    self.trainsPrompts = trainsPrompts
  }

  /// A row as an example.
  ///
  /// - Throws: `DataError` where the tokenizer belongs to a larger model, `ConversationError` where a conversation has no
  ///   template or its template refuses it, and what the tokenizer throws.
  public func example(_ row: TextRow) throws -> EncodedExample {
    switch row {
    case .text(let text): try example(text, givenBytes: 0)
    case .completion(let prompt, let completion):
      try example(
        prompt + separator + completion,
        givenBytes: trainsPrompts ? 0 : prompt.utf8.count + separator.utf8.count)
    case .conversation(let conversation): try example(conversation)
    }
  }

  private func example(_ text: String, givenBytes: Int) throws -> EncodedExample {
    var encoded = try encoder.encodeForTraining(text)
    if let endOfSequence, encoded.ids.last != endOfSequence {
      encoded.ids.append(endOfSequence)
      encoded.offsets.append(0..<0)
    }
    try requireKnown(encoded.ids, vocabularySize: vocabularySize)
    let given = encoded.offsets.lastIndex { !$0.isEmpty && $0.lowerBound < givenBytes }
    let trained = (given.map { $0 + 1 } ?? 0)..<encoded.ids.count
    return EncodedExample(text, encoded, trained: [trained], maxLength: maxLength)
  }

  private func example(_ conversation: Conversation) throws -> EncodedExample {
    guard let chat else { throw ConversationError.noTemplate }
    let trained = try chat.trained(conversation)
    let encoded = try encoder.encodeRendered(trained.text)
    try requireKnown(encoded.ids, vocabularySize: vocabularySize)
    return EncodedExample(
      trained.text, encoded, trained: trained.tokens(encoded.offsets), maxLength: maxLength,
      unplacedTurns: trained.unplaced, markedTurns: trained.marked,
      isWhollyMarked: trained.isWhollyMarked)
  }
}
