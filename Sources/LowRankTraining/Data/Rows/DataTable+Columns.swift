import LowRankCheckpoints

extension DataTable {
  /// The text that a row has in a column; a number is the text that spells it.
  package func string(_ column: String, of row: DataRow) throws(DataError) -> String {
    guard let value = row.fields[column] else {
      throw DataError(place(of: row), missing(column, among: row.fields.keys))
    }
    switch value {
    case .string(let string): return string
    case .number(let number): return number.text
    case .null, .bool, .array, .object:
      throw DataError(
        place(of: row), "\"\(column)\" must be a string or a number, found \(value.kind)")
    }
  }

  /// Remarks on columns whose numbers are read as text.
  func numberRemarks(_ columns: [String]) -> [String] {
    columns.compactMap { column in
      let count = rows.count {
        if case .number? = $0.fields[column] { true } else { false }
      }
      guard count > 0 else { return nil }
      return
        "\"\(column)\" is a number in \(count) row\(count == 1 ? "" : "s"), which is read as text"
    }
  }

  /// Refuses a column to read if several columns in the header have its name.
  func requireUnique(_ columns: [String]) throws(DataError) {
    let names = Set(repeated.map(ExactText.init))
    guard let column = columns.first(where: { names.contains(ExactText($0)) }) else { return }
    throw DataError(
      file, "the header names \"\(column)\" twice; give the column that is meant a name of its own")
  }

  /// What to say where a row lacks a column: which ones there are, and the one most likely meant.
  func missing(_ column: String, among names: [String]) -> String {
    // Any other number is as near to a wrong one.
    let hint = wholeNumber(column) == nil ? suggestion(for: column, among: names) : ""
    let bytes =
      unread.isEmpty
      ? ""
      : "; \(unread.map { "\"\($0)\"" }.joined(separator: ", ")) holds bytes, which are not read"
    return "there is no \(format.fieldName.one) \"\(column)\"; \(listing(names))\(hint)\(bytes)"
  }

  /// The columns that there are, as a clause.
  func listing(_ names: [String]) -> String {
    let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
    guard !names.isEmpty else { return "the row has no \(format.fieldName.many)" }
    let spaced = names.filter { $0.first?.isWhitespace == true || $0.last?.isWhitespace == true }
    let hint =
      spaced.isEmpty
      ? ""
      : "; \(spaced.map { "\"\($0)\"" }.joined(separator: " and ")) \(spaced.count == 1 ? "has" : "have") spaces around the name: take them out of the file, or give the name with them, in quotes"
    return "the \(format.fieldName.many) are \(list)\(hint)"
  }
}
