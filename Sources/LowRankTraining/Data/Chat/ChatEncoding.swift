/// How conversations become texts, and which parts of those are trained.
///
/// Where the template marks what the model writes (`{% generation %}`), that is what is trained, as in transformers'
/// `return_assistant_tokens_mask`. Otherwise a turn of the assistant is what follows the turns before it, written with
/// the generation prompt, up to the token that ends it: both beginnings must be those of the whole text, byte for byte. A
/// template that writes a turn differently once others follow it (thoughts that are dropped) leaves that turn without a
/// certain place, and it is not trained.
public struct ChatEncoding: Sendable {
  /// What writes conversations as texts.
  public var renderer: any ChatRenderer
  /// Which turns are trained.
  public var learns: TrainedTurns
  /// The tokens that may end a turn.
  public var ends: TurnEnds

  /// A way to write conversations.
  public init(_ renderer: any ChatRenderer, learns: TrainedTurns = .assistant, ends: TurnEnds) {
    self.renderer = renderer
    self.learns = learns
    self.ends = ends
  }

  /// A conversation as text, and which of its bytes are trained.
  ///
  /// - Throws: `ConversationError` where the template refuses the conversation.
  func trained(_ conversation: Conversation) throws(ConversationError) -> TrainedText {
    let whole: RenderedConversation
    do {
      whole = try renderer.render(
        conversation, turns: conversation.messages.count, addingGenerationPrompt: false)
    } catch {
      throw ConversationError(String(describing: error))
    }
    if learns == .all {
      return TrainedText(text: whole.text, trained: [0..<whole.text.utf8.count])
    }
    let open = conversation.openAnswers
    let asked = learns == .last ? open.suffix(1) : open[...]
    let wanted = asked.filter { !conversation.untrained.contains($0) }
    let bytes = Array(whole.text.utf8)
    var result = TrainedText(text: whole.text, trained: [])
    result.marked = asked.count - wanted.count
    result.isWhollyMarked = result.marked > 0 && wanted.isEmpty
    if let marks = whole.generated {
      result.takesCrossing = true
      (result.trained, result.unplaced) = chosen(marks, wanted: wanted, conversation, bytes)
      return result
    }
    for turn in wanted {
      if let place = place(of: turn, conversation, bytes) {
        result.trained.append(place)
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

  /// The marks that belong to some of the turns, and the number of turns without a certain position.
  ///
  /// A turn begins where the rendered text of the previous turns, with the generation prompt, ends, and extends to
  /// the next answer. If the template renders earlier turns differently on their own, marks are assigned to turns by
  /// their order.
  private func chosen(
    _ marks: [Range<Int>], wanted: [Int], _ conversation: Conversation, _ whole: [UInt8]
  ) -> (marks: [Range<Int>], unplaced: Int) {
    let answers = conversation.answers
    guard !wanted.isEmpty, wanted.count < answers.count else {
      return (wanted.isEmpty ? [] : marks, 0)
    }
    func start(of turn: Int) -> Int? {
      text(conversation, turn, isPrompt: true).flatMap { whole.starts(with: $0) ? $0.count : nil }
    }
    var (chosen, unplaced): ([Range<Int>], Int) = ([], 0)
    for turn in wanted {
      let next = answers.first { $0 > turn }
      if let from = start(of: turn), let end = next.map(start) ?? whole.count, from <= end {
        chosen += marks.filter { (from..<end).contains($0.lowerBound) }
      } else if marks.count == answers.count, let number = answers.firstIndex(of: turn) {
        chosen.append(marks[number])
      } else if next == nil, let last = marks.last {
        chosen.append(last)
      } else {
        unplaced += 1
      }
    }
    return (chosen, unplaced)
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
