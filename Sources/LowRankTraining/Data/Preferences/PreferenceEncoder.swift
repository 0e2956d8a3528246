/// A row of preferences as tokens.
struct EncodedPreference {
  /// The prompt with each answer, cut at the greatest length.
  let sides: [EncodedExample]
  /// What is learned; nil where nothing can be.
  let example: PreferenceExample?
  /// Whether the prompt alone is as long as a row may be.
  let isFilled: Bool
  /// Whether the answers are the same as far as they are kept.
  let isSame: Bool
  /// Whether the prompt ends in tokens that are others before an answer.
  let isMerged: Bool

  /// Whether tokens were cut off.
  var isTruncated: Bool { sides.contains(where: \.isTruncated) }
}

extension ExampleEncoder {
  /// A row of preferences as tokens.
  ///
  /// The prompt is what the tokens of the prompt by itself, and those of the prompt with each answer, begin with in common, as
  /// in TRL. All that follows is trained, with the end of sequence after texts.
  /// - Throws: `DataError` where the tokenizer belongs to a larger model, `ConversationError` where the template is missing
  ///   or refuses the conversation, and what the tokenizer throws.
  func preference(_ row: PreferenceRow) throws -> EncodedPreference {
    let prompt: EncodedText
    let texts: [(text: String, encoded: EncodedText)]
    switch row.content {
    case .texts(let given, let answers):
      prompt = try encoder.encodeForTraining(given + separator)
      texts = try answers.map { answer in
        let text = given + separator + answer
        var encoded = try encoder.encodeForTraining(text)
        if let endOfSequence, encoded.ids.last != endOfSequence {
          encoded.ids.append(endOfSequence)
          encoded.offsets.append(0..<0)
        }
        return (text, encoded)
      }
    case .turns(let given, let answers, let tools):
      prompt = try rendered(Conversation(given, tools: tools), isPrompt: true).encoded
      texts = try answers.map {
        try rendered(Conversation(given + $0, tools: tools), isPrompt: false)
      }
    }
    for text in texts { try requireKnown(text.encoded.ids, vocabularySize: vocabularySize) }
    let count =
      texts.map { text in
        zip(prompt.ids, text.encoded.ids).prefix { $0 == $1 }.count
      }.min() ?? 0
    let sides = texts.map { text, encoded in
      EncodedExample(
        text, encoded, trained: [min(count, encoded.ids.count)..<encoded.ids.count],
        maxLength: maxLength)
    }
    let isFilled = count >= maxLength
    let isSame = sides.count > 1 && sides[0].example.ids == sides[1].example.ids
    let hasAnswers = sides.allSatisfy { !$0.example.trained.isEmpty }
    return EncodedPreference(
      sides: sides,
      example: isFilled || isSame || !hasAnswers
        ? nil
        : PreferenceExample(
          sides: sides.map(\.example), promptCount: count, isDesirable: row.isDesirable),
      isFilled: isFilled, isSame: isSame && !isFilled,
      isMerged: count < prompt.ids.count && !prompt.ids.dropFirst(count).allSatisfy(isAdded))
  }

  /// Whether a token only ends a text.
  private func isAdded(_ id: Int32) -> Bool { id == endOfSequence }

  private func rendered(
    _ conversation: Conversation, isPrompt: Bool
  ) throws -> (text: String, encoded: EncodedText) {
    guard let chat else { throw ConversationError.noTemplate }
    let text: String
    do {
      text = try chat.renderer.render(
        conversation, turns: conversation.messages.count, addingGenerationPrompt: isPrompt
      ).text
    } catch { throw ConversationError(String(describing: error)) }
    return (text, try encoder.encodeRendered(text))
  }
}
