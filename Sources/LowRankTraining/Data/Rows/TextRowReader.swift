import LowRankCheckpoints

/// Finds what is to be learnt in the rows of a table.
///
/// The first row decides what all rows are; names that mean nothing there are ignored.
struct TextRowReader {
  /// What the rows hold.
  let format: RowFormat
  private let table: DataTable
  private let textColumn: String
  private let hasTemplate: Bool

  /// - Parameters:
  ///   - textColumn: the column of the text, where it is given.
  ///   - hasTemplate: whether conversations can be written as texts; Alpaca's rows are prompts with completions
  ///     otherwise.
  init(for table: DataTable, textColumn: String?, hasTemplate: Bool) throws(DataError) {
    guard let first = table.rows.first else {
      preconditionFailure("\(table.file) has no row to find columns in")
    }
    format = try textColumn == nil ? RowFormat(of: first, in: table) : .text
    self.table = table
    self.textColumn = textColumn ?? "text"
    self.hasTemplate = hasTemplate
  }

  /// What a row gives to learn.
  func text(of row: DataRow) throws(DataError) -> TextRow {
    let conversations = ConversationReader(row, of: table)
    switch format {
    case .text: return .text(try table.string(textColumn, of: row))
    case .messages: return .conversation(try conversations.conversation("messages"))
    case .shareGPT: return .conversation(try conversations.shareGPT())
    case .alpaca:
      let instruction = try conversations.instruction()
      return hasTemplate
        ? .conversation(instruction.conversation)
        : try instruction.completion(at: table.place(of: row))
    case .completion:
      if row.fields["prompt"]?.array != nil || row.fields["completion"]?.array != nil {
        return .conversation(try conversations.completion())
      }
      return .completion(
        prompt: try table.string("prompt", of: row),
        completion: try table.string("completion", of: row))
    }
  }
}
