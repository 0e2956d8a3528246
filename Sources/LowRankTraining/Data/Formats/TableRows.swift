/// Whether the first record of a table names its columns; it is a row otherwise.
public typealias HeaderTest = (_ first: [String]) -> Bool

/// The rows of a file, with remarks on how it was read.
package struct TableContent {
  var rows: [DataRow]
  /// The column names that occur more than once in the header.
  var repeated: [String] = []
  var remarks: [String] = []
  /// The columns that are not read, because they hold bytes.
  var unread: [String] = []
  /// The names of numbered classes, by column.
  var classNames = ClassNames()
}

/// Collects the records of a table as rows.
struct TableRows {
  private var rows: [DataRow] = []
  private let file: String
  private let isHeader: HeaderTest
  private let hasQuotes: Bool
  private var columns: NamedColumns?

  /// - Parameter hasQuotes: whether a quoted field may contain separators and line ends.
  init(of file: String, hasQuotes: Bool, isHeader: @escaping HeaderTest) {
    self.file = file
    self.hasQuotes = hasQuotes
    self.isHeader = isHeader
  }

  mutating func add(_ fields: [String], line: Int) throws(DataError) {
    if let columns {
      rows.append(try columns.row(fields, line: line, hasQuotes: hasQuotes))
    } else if isHeader(fields) {
      columns = NamedColumns(fields, file: file)
    } else {
      let numbered = NamedColumns(numbered: fields.count, file: file, line: line)
      rows.append(try numbered.row(fields, line: line, hasQuotes: hasQuotes))
      columns = numbered
    }
  }

  /// The rows collected so far.
  func content(_ remarks: [String] = []) -> TableContent {
    TableContent(rows: rows, repeated: columns?.repeated ?? [], remarks: remarks)
  }
}
