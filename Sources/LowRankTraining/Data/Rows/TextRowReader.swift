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
    case .text(let column): .text(try string(column, of: row))
    case .completion:
      .completion(
        prompt: try string("prompt", of: row), completion: try string("completion", of: row))
    }
  }

  private func string(_ column: String, of row: DataRow) throws(DataError) -> String {
    guard let value = row.fields[column] else {
      throw DataError(table.place(of: row), missing(column, among: row.fields.keys))
    }
    guard let string = value.string else {
      throw DataError(
        table.place(of: row), "\"\(column)\" must be a string, found \(value.kind)")
    }
    return string
  }

  private func missing(_ column: String, among names: [String]) -> String {
    let (one, many) = table.format.fieldName
    let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
    let there = names.isEmpty ? "there are none" : "the \(many) are \(list)"
    let hint = nearestName(to: column, among: names).map { "; is \"\($0)\" meant?" } ?? ""
    return "there is no \(one) \"\(column)\"; \(there)\(hint)"
  }

  private static func unsupportedKind(_ has: (String) -> Bool) -> String? {
    if has("chosen"), has("rejected") { return "a preference row, \"chosen\" and \"rejected\"" }
    if has("messages") { return "a row of chat \"messages\"" }
    return nil
  }
}
