/// How conversations become texts, and which parts of those are learnt.
///
/// Where the template marks what the model writes (`{% generation %}`), that is what is learnt, as in transformers'
/// `return_assistant_tokens_mask`. Otherwise a turn of the assistant is what follows the turns before it, written with
/// the generation prompt, up to the token that ends it: both beginnings must be those of the whole text, byte for byte. A
/// template that writes a turn differently once others follow it (thoughts that are dropped) leaves that turn without a
/// certain place, and it is not learnt.
public struct ChatEncoding: Sendable {
  /// What writes conversations as texts.
  public var renderer: any ChatRenderer
  /// Which turns are learnt.
  public var learns: LearntTurns
  /// The tokens that may end a turn.
  public var ends: TurnEnds

  /// A way to write conversations.
  public init(_ renderer: any ChatRenderer, learns: LearntTurns = .assistant, ends: TurnEnds) {
    self.renderer = renderer
    self.learns = learns
    self.ends = ends
  }

  /// A conversation as text, and which of its bytes are learnt.
  ///
  /// - Throws: `ConversationError` where the template refuses the conversation.
  func learnt(_ conversation: Conversation) throws(ConversationError) -> LearntText {
    let whole: RenderedConversation
    do {
      whole = try renderer.render(
        conversation, turns: conversation.messages.count, addingGenerationPrompt: false)
    } catch {
      throw ConversationError(String(describing: error))
    }
    let answers = conversation.answers
    let open = answers.filter { $0 >= conversation.givenCount }
    let wanted = learns == .last ? open.suffix(1) : open[...]
    let bytes = Array(whole.text.utf8)
    if let marks = whole.generated {
      return LearntText(
        text: whole.text,
        learnt: chosen(
          marks, wanted: wanted, takesAll: wanted.count == answers.count, conversation, bytes),
        takesCrossing: true)
    }
    var result = LearntText(text: whole.text, learnt: [])
    for turn in wanted {
      if let place = place(of: turn, conversation, bytes) {
        result.learnt.append(place)
      } else {
        result.unplaced += 1
      }
    }
    return result
  }

  /// The token that ends the assistant's turns; nil where the template writes none.
  public var turnEnd: Int32? {
    let probe = Conversation([
      Conversation.message("user", "a"), Conversation.message("assistant", "b"),
    ])
    guard
      let text = try? renderer.render(probe, turns: 2, addingGenerationPrompt: false).text
    else { return nil }
    return ends.end(of: Array(text.utf8), from: 0)?.id
  }

  /// The marks that belong to some of the turns.
  private func chosen(
    _ marks: [Range<Int>], wanted: ArraySlice<Int>, takesAll: Bool, _ conversation: Conversation,
    _ whole: [UInt8]
  ) -> [Range<Int>] {
    guard let first = wanted.first, !takesAll else { return wanted.isEmpty ? [] : marks }
    guard let prompt = text(conversation, first, isPrompt: true), whole.starts(with: prompt) else {
      return marks.suffix(1)
    }
    return marks.filter { $0.lowerBound >= prompt.count }
  }

  /// The bytes of a turn in the whole text; nil where they are not certain.
  private func place(
    of turn: Int, _ conversation: Conversation, _ whole: [UInt8]
  ) -> Range<Int>? {
    guard let prompt = text(conversation, turn, isPrompt: true),
      let closed = text(conversation, turn + 1, isPrompt: false), closed.starts(with: prompt)
    else { return nil }
    let end = ends.end(of: closed, from: prompt.count)?.end ?? closed.count
    guard end > prompt.count, whole.starts(with: closed[..<end]) else { return nil }
    return prompt.count..<end
  }

  /// The first turns as text; nil where the template refuses them by themselves.
  private func text(_ conversation: Conversation, _ turns: Int, isPrompt: Bool) -> [UInt8]? {
    let rendered = try? renderer.render(
      conversation, turns: turns, addingGenerationPrompt: isPrompt)
    return rendered.map { Array($0.text.utf8) }
  }
}
