import LowRankCheckpoints

/// The column names of a table, which turn its records into rows.
struct NamedColumns {
  /// The names that occur more than once in the header.
  let repeated: [String]
  private let names: [String]
  private let file: String
  /// What explains the number of fields, for messages.
  private let origin: String

  /// The names that the first record of a file gives.
  ///
  /// As in pandas, a column without a name is `Unnamed: 0`, by its position counted from 0, and the second column
  /// with a name is `name.1`.
  init(_ header: [String], file: String) {
    var counts: [ExactText: Int] = [:]
    for name in header where !name.isEmpty { counts[ExactText(name), default: 0] += 1 }
    repeated = counts.filter { $0.value > 1 }.map(\.key.string).sorted()
    var taken = Set(header.map(ExactText.init))
    var seen: Set<ExactText> = []
    names = header.enumerated().map { index, given in
      let name = given.isEmpty ? "Unnamed: \(index)" : given
      let isFree =
        given.isEmpty
        ? taken.insert(ExactText(name)).inserted : seen.insert(ExactText(name)).inserted
      if isFree { return name }
      var number = 1
      while !taken.insert(ExactText("\(name).\(number)")).inserted { number += 1 }
      return "\(name).\(number)"
    }
    self.file = file
    origin = "(\(names.joined(separator: ", ")))"
  }

  /// Columns without names are called by their numbers, counted from 1.
  init(numbered count: Int, file: String, line: Int) {
    repeated = []
    names = (1...count).map(String.init)
    self.file = file
    origin = "as in line \(line)"
  }

  /// A record as a row, its fields under the names of their columns.
  func row(_ fields: [String], line: Int, hasQuotes: Bool) throws(DataError) -> DataRow {
    guard fields.count == names.count else {
      let cause = fields.count > names.count ? "the separator" : "a line end"
      let advice =
        hasQuotes
        ? "a field that holds \(cause) belongs in quotes"
        : "a field of a .tsv cannot hold \(cause), one of a .csv can, in quotes"
      throw DataError(
        "\(file), line \(line)",
        """
        expected \(names.count) field\(names.count == 1 ? "" : "s") \(origin), \
        found \(fields.count); \(advice)
        """)
    }
    var object = JSONObject()
    for (name, field) in zip(names, fields) { object[name] = .string(field) }
    return DataRow(number: line, fields: object)
  }
}
