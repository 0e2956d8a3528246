import LowRankCheckpoints
import LowRankKeys

/// The format of a file's rows, and the columns to read.
struct RowLayout: Hashable {
  /// The format of the rows.
  let format: RowFormat
  /// The columns of the text, or of prompt and completion; for Alpaca's rows, the instruction and the answer.
  var columns = TextColumns()
  /// The column of the input for an instruction.
  var input: String?
  /// Whether the columns were recognized by common names other than those of a format.
  var isRecognized = false
  /// The template that made prompts in training, if the table lacks columns of it.
  private(set) var passedOver: PassedOver?

  /// A template of prompts with the columns of it that a table lacks.
  struct PassedOver: Hashable {
    let template: PromptTemplate
    let lacking: [String]
  }

  /// Common pairs of names for prompts and completions.
  static let pairs = [
    ("question", "answer"), ("prompt", "response"), ("query", "response"), ("input", "output"),
    ("problem", "solution"), ("mr", "ref"),
    ("meaning_representation", "human_reference"),
  ]

  /// The common names for prompts besides `prompt` and `instruction`.
  static let promptNames = pairs.map(\.0).filter { $0 != "prompt" }

  /// Determines the layout from the names in a table's first row.
  ///
  /// - Parameter given: the columns that are given.
  /// - Throws: `DataError` for preference data, for ambiguous columns, and for a column to read with a name that
  ///   occurs twice.
  init(of row: DataRow, in table: DataTable, columns given: TextColumns) throws(DataError) {
    func has(_ name: String) -> Bool { row.fields[name] != nil }
    let whole = try Self.completed(given, for: row, in: table)
    if !given.isEmpty, !given.isPreference || given.all.allSatisfy(has) {
      let isCompleted = whole != given
      let given = whole
      self.init(format: given.text == nil ? .completion : .text, columns: given)
      if given.template != nil, given.completion == nil {
        columns.completion = try Self.completion(of: row, in: table, beside: given)
      }
      isRecognized = isCompleted
    } else {
      try self.init(recognizing: row, in: table)
      let lacking = given.all.filter { !has($0) }
      passedOver = given.template.map { PassedOver(template: $0, lacking: lacking) }
    }
    try table.requireUnique(used)
  }

  private init(format: RowFormat, columns: TextColumns = TextColumns()) {
    self.format = format
    self.columns = columns
  }

  private init(recognizing row: DataRow, in table: DataTable) throws(DataError) {
    func has(_ name: String) -> Bool { row.fields[name] != nil }
    if has("chosen"), has("rejected") {
      throw DataError(
        table.place(of: row),
        """
        a preference row, "chosen" and "rejected"; \(setting: "objective") dpo learns to prefer the chosen answers; to learn \
        them alone, write them as "messages", or as "prompt" and "completion"
        """)
    }
    if has("messages") {
      self.init(format: .messages)
    } else if has("conversations") {
      self.init(format: .shareGPT)
    } else if has("completion") {
      self.init(format: .completion)
    } else if has("instruction"), let answer = ["output", "response"].first(where: has) {
      self.init(
        format: .alpaca, columns: TextColumns(prompt: "instruction", completion: answer))
      input = answer == "output" ? "input" : "context"
      isRecognized = answer == "response"
    } else if has("text") {
      self.init(format: .text)
    } else {
      let found = Self.pairs.filter { has($0.0) && has($0.1) }
      guard found.count <= 1 else { throw Self.ambiguous(found, row, table) }
      if let pair = found.first {
        if has("context") || has("system") || has("system_prompt") {
          throw DataError(
            table.place(of: row),
            """
            "\(pair.0)" and "\(pair.1)" are not the only columns; name those to train on with \(setting: "prompt_column") and \
            \(setting: "completion_column"), \(table.listing(row.fields.keys))
            """)
        }
        self.init(
          format: .completion, columns: TextColumns(prompt: pair.0, completion: pair.1))
        isRecognized = true
      } else {
        self.init(format: has("prompt") ? .completion : .text)
      }
    }
  }

  /// The column of the completion beside a template of prompts: the only one with a usual name.
  private static func completion(
    of row: DataRow, in table: DataTable, beside given: TextColumns
  ) throws(DataError) -> String {
    var names = ["completion"]
    for pair in pairs where !names.contains(pair.1) { names.append(pair.1) }
    if let kept = given.keptPartner, row.fields[kept] != nil { return kept }
    let found = names.filter { row.fields[$0] != nil && !given.all.contains($0) }
    guard found.count == 1 else {
      let problem =
        found.isEmpty
        ? "no \(table.format.fieldName.one) is known to hold the completion"
        : "\(found.map { "\"\($0)\"" }.joined(separator: " or ")) may be the completion"
      throw DataError(
        table.place(of: row),
        "\(problem); name it with \(setting: "completion_column"), \(table.listing(row.fields.keys))"
      )
    }
    return found[0]
  }

  private static func ambiguous(
    _ pairs: [(String, String)], _ row: DataRow, _ table: DataTable
  ) -> DataError {
    let names = pairs.map { "\"\($0.0)\" and \"\($0.1)\"" }.joined(separator: ", or ")
    return DataError(
      table.place(of: row),
      """
      \(names), may be prompt and completion; name them with \(setting: "prompt_column") and \(setting: "completion_column"), \
      \(table.listing(row.fields.keys))
      """)
  }

  /// The columns to read.
  var used: [String] {
    switch format {
    case .text: [columns.text ?? "text"]
    case .completion:
      (columns.template?.columns ?? [columns.prompt ?? "prompt"])
        + [columns.completion ?? "completion"]
    case .messages: ["messages"]
    case .shareGPT: ["conversations"]
    case .alpaca: ["instruction", input ?? "input", columns.completion ?? "output"]
    }
  }

  /// The columns, if they are not those of the format itself; empty otherwise.
  var named: TextColumns {
    guard format == .text || format == .completion else { return TextColumns() }
    var named = columns
    (named.isPreference, named.keptPartner) = (false, nil)
    if named.text == "text" { named.text = nil }
    if named.template == nil, named.prompt ?? "prompt" == "prompt",
      named.completion ?? "completion" == "completion"
    {
      (named.prompt, named.completion) = (nil, nil)
    }
    return named
  }

  /// A remark if the columns were found by names that could mean something else.
  var remark: String? {
    guard isRecognized, let prompt = columns.prompt, let completion = columns.completion else {
      return nil
    }
    if format == .alpaca {
      return
        "the prompt is \"instruction\", with \"\(input ?? "")\" if there is one; the completion is \"\(completion)\""
    }
    return """
      the prompt is "\(prompt)", the completion "\(completion)", joined as they are; \(setting: "separator") puts text between them, \
      \(setting: "prompt_column") and \(setting: "completion_column") name others
      """
  }
}
