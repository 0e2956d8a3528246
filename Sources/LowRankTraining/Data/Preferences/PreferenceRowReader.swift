import LowRankCheckpoints
import LowRankKeys

/// Finds prompts and answers in the rows of a table.
struct PreferenceRowReader {
  /// Where the prompt of a row stands.
  private enum Prompt {
    /// In a column of texts or turns.
    case column(String)
    /// In Alpaca's instruction with its input.
    case usual(UsualPrompts)
    /// In the answers, which begin with it.
    case shared
  }

  private let table: DataTable
  private let isPaired: Bool
  private let prompt: Prompt
  private let completion: String
  private let label: String
  /// What is said of the columns that were found.
  let remark: String?

  /// - Parameters:
  ///   - columns: the columns that are given.
  ///   - label: the column that says whether an answer is good; nil for `label`.
  /// - Throws: `DataError` where columns are missing.
  init(
    for table: DataTable, isPaired: Bool, columns: TextColumns, label: String?
  ) throws(DataError) {
    guard let first = table.rows.first else {
      preconditionFailure("\(table.file) has no row to find columns in")
    }
    (self.table, self.isPaired) = (table, isPaired)
    (completion, self.label) = (columns.completion ?? "completion", label ?? "label")
    func has(_ name: String) -> Bool { first.fields[name] != nil }
    let wanted = isPaired ? ["chosen", "rejected"] : [self.label]
    for column in wanted where !has(column) {
      let hint =
        isPaired && has("label")
        ? "; answers that are good or bad are for \(setting: "objective") kto"
        : !isPaired && has("chosen")
          ? "; pairs are for \(setting: "objective") dpo, orpo or simpo" : ""
      throw DataError(
        table.place(of: first), table.missing(column, among: first.fields.keys) + hint)
    }
    var remark: String?
    if let given = columns.prompt, has(given) || !columns.isPreference {
      guard has(given) else {
        throw DataError(table.place(of: first), table.missing(given, among: first.fields.keys))
      }
      prompt = .column(given)
    } else if let name = ["prompt", "conversations", "messages"].first(where: has) {
      prompt = .column(name)
    } else if has("instruction") || RowLayout.promptNames.contains(where: has) {
      let usual = try UsualPrompts(in: table)
      prompt = .usual(usual)
      remark =
        "the prompt is \"\(usual.column)\"\(usual.input.map { ", with \"\($0)\" on the next line" } ?? ""); \(setting: "prompt_column") names another"
    } else if isPaired {
      prompt = .shared
      remark = "there is no \"prompt\": it is what both answers of a row begin with"
    } else {
      throw DataError(
        table.place(of: first),
        "\(table.missing("prompt", among: first.fields.keys)); \(setting: "prompt_column") names another"
      )
    }
    self.remark = remark
    let isDialogue = !isPaired && !has(completion)
    guard !isDialogue || has("messages") || has("conversations") else {
      throw DataError(
        table.place(of: first),
        "\(table.missing(completion, among: first.fields.keys)); \(setting: "completion_column") names another"
      )
    }
    try table.requireUnique(wanted + (isDialogue || isPaired ? [] : [completion]))
  }

  /// What a row gives to learn.
  ///
  /// - Throws: `DataError` where a side is missing, or where both are the same.
  func preference(of row: DataRow) throws(DataError) -> PreferenceRow {
    isPaired ? try pair(of: row) : try single(of: row)
  }

  private func pair(of row: DataRow) throws(DataError) -> PreferenceRow {
    for column in ["chosen", "rejected"] { try requireAnswer(column, in: row) }
    let reader = ConversationReader(row, of: table)
    let result: PreferenceRow
    if row.fields["chosen"]?.holdsAnswerTurns == true {
      let chosen = try reader.answerTurns("chosen")
      let rejected = try reader.answerTurns("rejected")
      let tools = try reader.tools()
      if case .column(let name) = prompt, row.fields[name]?.holdsAnswerTurns == true {
        result = PreferenceRow(
          .turns(
            prompt: try reader.turns(name).messages, answers: [chosen, rejected], tools: tools))
      } else if case .column(let name) = prompt, chosen.first?["role"] == "assistant" {
        let question = Conversation.message("user", try table.string(name, of: row))
        result = PreferenceRow(
          .turns(prompt: [question], answers: [chosen, rejected], tools: tools))
      } else {
        // A prompt that is a text stands in the conversations, too.
        result = .divided(chosen, rejected, tools: tools)
      }
    } else {
      let answers = [
        try table.string("chosen", of: row), try table.string("rejected", of: row),
      ]
      result = try withPrompt(of: row, reader, answers) ?? .divided(answers[0], answers[1])
    }
    let isSame =
      switch result.content {
      case .texts(_, let answers): answers[0].utf8.elementsEqual(answers[1].utf8)
      case .turns(_, let answers, _): answers[0] == answers[1]
      }
    guard !isSame else {
      throw DataError(
        table.place(of: row),
        "\"chosen\" and \"rejected\" are the same, so the row prefers nothing; leave it out")
    }
    return result
  }

  private func single(of row: DataRow) throws(DataError) -> PreferenceRow {
    let isDesirable = try flag(of: row)
    let reader = ConversationReader(row, of: table)
    if row.fields[completion] == nil, case .column(let name) = prompt {
      let turns = try reader.turns(name).messages
      guard turns.count > 1, turns.last?["role"] == "assistant" else {
        throw DataError(
          table.place(of: row),
          "\"\(name)\" must end with a turn of the assistant, which \"\(label)\" judges")
      }
      return PreferenceRow(
        .turns(
          prompt: Array(turns.dropLast()), answers: [Array(turns.suffix(1))],
          tools: try reader.tools()), isDesirable: isDesirable)
    }
    try requireAnswer(completion, in: row)
    var result: PreferenceRow?
    if row.fields[completion]?.holdsAnswerTurns == true, case .column(let name) = prompt {
      result = PreferenceRow(
        .turns(
          prompt: try reader.turns(name).messages, answers: [try reader.answerTurns(completion)],
          tools: try reader.tools()))
    } else {
      result = try withPrompt(of: row, reader, [try table.string(completion, of: row)])
    }
    guard var result else { preconditionFailure("a row without a prompt is refused") }
    result.isDesirable = isDesirable
    return result
  }

  /// Texts that answer the prompt of a row; nil where the prompt stands in the answers.
  private func withPrompt(
    of row: DataRow, _ reader: ConversationReader, _ answers: [String]
  ) throws(DataError) -> PreferenceRow? {
    switch prompt {
    case .column(let name) where row.fields[name]?.holdsAnswerTurns == true:
      PreferenceRow(
        .turns(
          prompt: try reader.turns(name).messages,
          answers: answers.map { [Conversation.message("assistant", $0)] },
          tools: try reader.tools()))
    case .column(let name):
      PreferenceRow(.texts(prompt: try table.string(name, of: row), answers: answers))
    case .usual(let usual):
      PreferenceRow(.texts(prompt: try usual.prompt(of: row, in: table), answers: answers))
    case .shared: nil
    }
  }

  /// Refuses a row without an answer.
  private func requireAnswer(_ column: String, in row: DataRow) throws(DataError) {
    guard let value = row.fields[column] else {
      throw DataError(table.place(of: row), table.missing(column, among: row.fields.keys))
    }
    let isEmpty =
      switch value {
      case .null: true
      case .string(let text): text.isEmpty
      case .array(let turns): turns.isEmpty
      default: false
      }
    guard !isEmpty else {
      throw DataError(
        table.place(of: row),
        "\"\(column)\" is empty; every row needs \(isPaired ? "both answers" : "an answer")")
    }
  }

  /// Whether the answer of a row is good.
  private func flag(of row: DataRow) throws(DataError) -> Bool {
    guard let value = row.fields[label] else {
      throw DataError(table.place(of: row), table.missing(label, among: row.fields.keys))
    }
    if let flag = value.bool { return flag }
    switch value.string?.lowercased() ?? value.integer.map(String.init) {
    case "true", "1": return true
    case "false", "0": return false
    default:
      throw DataError(
        table.place(of: row),
        "\"\(label)\" must be true for a good answer or false for a bad one, found \(value.text())"
      )
    }
  }
}

extension ConversationReader {
  /// The turns of an answer: a list of messages, or a single one.
  func answerTurns(_ key: String) throws(DataError) -> [JSONObject] {
    guard let message = row.fields[key], message.object != nil else {
      return try turns(key).messages
    }
    var fields = row.fields
    fields[key] = .array([message])
    return try ConversationReader(
      DataRow(number: row.number, fields: fields, part: row.part), of: table
    )
    .turns(key).messages
  }
}

extension JSONValue {
  /// Whether the value is a message, a list of them, or the text of such a list.
  fileprivate var holdsAnswerTurns: Bool { object != nil || holdsTurns }
}
