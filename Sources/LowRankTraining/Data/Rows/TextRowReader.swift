import LowRankCheckpoints

/// Finds the texts in the rows of a table.
///
/// The first row decides which columns are read: the named one, else `prompt` and `completion`, else
/// `text`. Other columns are ignored.
struct TextRowReader {
  private enum Columns {
    case text(String)
    case completion
  }

  private let table: DataTable
  private let columns: Columns

  init(for table: DataTable, textColumn: String?) throws(DataError) {
    self.table = table
    guard let first = table.rows.first else {
      preconditionFailure("\(table.file) has no row to find columns in")
    }
    func has(_ name: String) -> Bool { first.fields[name] != nil }
    if let textColumn {
      columns = .text(textColumn)
    } else if has("completion") || has("prompt") && !has("text") && !has("chosen") {
      columns = .completion
    } else if has("text") {
      columns = .text("text")
    } else if let kind = Self.unsupportedKind(has) {
      throw DataError(
        table.place(of: first),
        "\(kind), which cannot be trained on; expected \"text\", or \"prompt\" and \"completion\"")
    } else {
      columns = .text("text")
    }
  }

  /// The texts of a row.
  func text(of row: DataRow) throws(DataError) -> TextRow {
    switch columns {
    case .text(let column): .text(try table.string(column, of: row))
    case .completion:
      .completion(
        prompt: try table.string("prompt", of: row),
        completion: try table.string("completion", of: row))
    }
  }

  private static func unsupportedKind(_ has: (String) -> Bool) -> String? {
    if has("chosen"), has("rejected") { return "a preference row, \"chosen\" and \"rejected\"" }
    if has("messages") { return "a row of chat \"messages\"" }
    return nil
  }
}
