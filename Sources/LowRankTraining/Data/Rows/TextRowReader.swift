import LowRankCheckpoints
import LowRankKeys

/// Finds what is to be trained in the rows of a table.
///
/// The first row decides what all rows are; names that mean nothing there are ignored.
struct TextRowReader {
  /// What the rows hold.
  let layout: RowLayout
  private let table: DataTable
  private let hasTemplate: Bool

  /// - Parameters:
  ///   - columns: the columns that are given.
  ///   - hasTemplate: whether conversations can be written as texts; Alpaca's rows are prompts with completions
  ///     otherwise.
  init(for table: DataTable, columns: TextColumns, hasTemplate: Bool) throws(DataError) {
    guard let first = table.rows.first else {
      preconditionFailure("\(table.file) has no row to find columns in")
    }
    layout = try RowLayout(of: first, in: table, columns: columns)
    self.table = table
    self.hasTemplate = hasTemplate
    if layout.format == .text, layout.columns.isEmpty, first.fields["text"] == nil {
      throw DataError(
        table.place(of: first),
        """
        \(table.missing("text", among: first.fields.keys)); \(setting: "text_column") names another, or \(setting: "prompt_column") and \
        \(setting: "completion_column") a pair\(Self.labelHint(first).map { "; \($0)" } ?? "")
        """)
    }
  }

  /// What to say if a row has a label, which a classifier would be trained on; nil if it has none.
  static func labelHint(_ row: DataRow) -> String? {
    guard let label = KnownColumns.labels(among: row.fields.keys).first else { return nil }
    return "\"\(label)\" looks like a label: \(setting: "task") classification trains a classifier"
  }

  /// What a row gives to learn.
  func text(of row: DataRow) throws(DataError) -> TextRow {
    let conversations = ConversationReader(row, of: table)
    switch layout.format {
    case .text:
      let column = layout.columns.text ?? "text"
      if row.fields[column]?.holdsTurns == true {
        return .conversation(try conversations.conversation(column))
      }
      return .text(try table.string(column, of: row))
    case .messages: return .conversation(try conversations.conversation("messages"))
    case .shareGPT: return .conversation(try conversations.shareGPT())
    case .alpaca:
      let instruction = try conversations.instruction(layout)
      return hasTemplate
        ? .conversation(instruction.conversation)
        : try instruction.completion(at: table.place(of: row))
    case .completion:
      if let template = layout.columns.template {
        return .completion(
          prompt: try template.prompt { column throws(DataError) in
            try table.string(column, of: row)
          },
          completion: try table.string(layout.columns.completion ?? "completion", of: row))
      }
      let (prompt, completion) = (
        layout.columns.prompt ?? "prompt", layout.columns.completion ?? "completion"
      )
      if [prompt, completion].contains(where: { row.fields[$0]?.holdsTurns == true }) {
        return .conversation(try conversations.completion(layout.columns))
      }
      return .completion(
        prompt: try table.string(prompt, of: row),
        completion: try table.string(completion, of: row))
    }
  }
}

extension JSONValue {
  /// Whether the value is a list, or the text of a list of messages as tables contain it.
  var holdsTurns: Bool {
    guard let text = string else { return array != nil }
    guard text.utf8.first(where: { $0 > 0x20 }) == UInt8(ascii: "["),
      let list = JSONValue(structured: text)?.array, !list.isEmpty
    else { return false }
    return list.allSatisfy {
      $0.object.map {
        $0["role"] != nil && ($0["content"] != nil || $0["tool_calls"] != nil)
          || $0["from"] != nil && $0["value"] != nil
      } ?? false
    }
  }
}
