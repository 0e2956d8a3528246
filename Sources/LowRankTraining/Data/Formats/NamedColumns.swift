import LowRankCheckpoints

/// The column names of a table, which turn its records into rows.
struct NamedColumns {
  private let names: [String]
  private let file: String
  /// What explains the number of fields, for messages.
  private let origin: String

  /// The names that the first record of a file gives.
  init(_ names: [String], file: String, line: Int) throws(DataError) {
    var seen: Set<ExactText> = []
    for name in names where !seen.insert(ExactText(name)).inserted {
      throw DataError(
        "\(file), line \(line)",
        "expected a line of column names, but \"\(name)\" occurs twice there")
    }
    self.names = names
    self.file = file
    origin = "(\(names.joined(separator: ", ")))"
  }

  /// Columns without names are called by their numbers, counted from 1.
  init(numbered count: Int, file: String, line: Int) {
    names = (1...count).map(String.init)
    self.file = file
    origin = "as in line \(line)"
  }

  /// A record as a row, its fields under the names of their columns.
  func row(_ fields: [String], line: Int) throws(DataError) -> DataRow {
    guard fields.count == names.count else {
      throw DataError(
        "\(file), line \(line)",
        """
        expected \(names.count) field\(names.count == 1 ? "" : "s") \(origin), \
        found \(fields.count)
        """)
    }
    var object = JSONObject()
    for (name, field) in zip(names, fields) { object[name] = .string(field) }
    return DataRow(number: line, fields: object)
  }
}
