import LowRankCheckpoints
import LowRankKeys

/// The columns of a file of prompts, by the names that training knows.
///
/// `prompt` comes first, then `instruction` with its input on the next line, then the column of another usual pair, then
/// `text`.
public struct UsualPrompts: Hashable, Sendable {
  /// The column of the prompt.
  public let column: String
  /// The column whose text follows on the next line, if there is one.
  public let input: String?

  /// Finds the column in the first row of a table.
  ///
  /// - Throws: `DataError` if there is none, or if several fit equally well.
  public init(in table: DataTable) throws(DataError) {
    let first = table.rows.first
    func has(_ name: String) -> Bool { first?.fields[name] != nil }
    let pairs = RowLayout.promptNames.filter(has)
    if has("prompt") {
      (column, input) = ("prompt", nil)
    } else if has("instruction") {
      (column, input) = ("instruction", ["input", "context"].first(where: has))
    } else if pairs.count == 1 || has("text") {
      (column, input) = (pairs.count == 1 ? pairs[0] : "text", nil)
    } else {
      let names = first?.fields.keys ?? []
      let many = pairs.map { "\"\($0)\"" }.joined(separator: " or ")
      let problem =
        pairs.isEmpty
        ? "no \(table.format.fieldName.one) is known to hold the prompt"
        : "\(many) may be the prompt"
      throw DataError(
        first.map { table.place(of: $0) } ?? table.file,
        "\(problem); name it with \(setting: "prompt_column"), \(table.listing(names))")
    }
  }

  /// The prompt of a row.
  ///
  /// - Throws: `DataError` if a column is missing or no text.
  public func prompt(of row: DataRow, in table: DataTable) throws(DataError) -> String {
    let prompt = try table.string(column, of: row)
    guard let input, let value = row.fields[input], value != .null else { return prompt }
    let more = try table.string(input, of: row)
    return more.isEmpty ? prompt : prompt + "\n" + more
  }
}
