import LowRankCheckpoints

/// A row of Alpaca: an instruction with its answer, and perhaps what was said before.
struct Instruction {
  let system: String?
  let history: [(question: String, answer: String)]
  /// The instruction, and the input on a line of its own where there is one.
  let question: String
  let answer: String

  /// The instruction as a conversation, of which the last answer is trained, and earlier ones where all are.
  var conversation: Conversation {
    var messages = system.map { [Conversation.message("system", $0)] } ?? []
    for turn in history + [(question, answer)] {
      messages.append(Conversation.message("user", turn.question))
      messages.append(Conversation.message("assistant", turn.answer))
    }
    return Conversation(question.isEmpty && answer.isEmpty ? [] : messages)
  }

  /// The instruction as a prompt with its completion, where no template says more.
  ///
  /// - Throws: `DataError` where the row has turns that a prompt has no place for.
  func completion(at place: String) throws(DataError) -> TextRow {
    guard system == nil, history.isEmpty else {
      throw DataError(
        place,
        "the row has \(system == nil ? "a \"history\"" : "a \"system\" text"), but \(ConversationError.noTemplate)"
      )
    }
    return .completion(prompt: question, completion: answer)
  }
}

extension ConversationReader {
  /// The instruction of a row, `history` being pairs of texts.
  func instruction(_ layout: RowLayout) throws(DataError) -> Instruction {
    func optional(_ key: String) throws(DataError) -> String? {
      guard let value = row.fields[key], value != .null else { return nil }
      let text = try table.string(key, of: row)
      return text.isEmpty ? nil : text
    }
    let instruction = try table.string("instruction", of: row)
    let input = try optional(layout.input ?? "input")
    var history: [(question: String, answer: String)] = []
    if let value = row.fields["history"], value != .null, value.string?.isEmpty != true {
      for turn in try list(value, "history") ?? [.null] {
        guard let pair = turn.array, pair.count == 2, let question = pair[0].string,
          let answer = pair[1].string
        else { throw error("\"history\" must be a list of pairs of texts, [question, answer]") }
        history.append((question, answer))
      }
    }
    return Instruction(
      system: try optional("system"), history: history,
      question: [instruction, input].compactMap { $0 }.joined(separator: "\n"),
      answer: try table.string(layout.columns.completion ?? "output", of: row))
  }
}
