/// Reads fields between tabs under a line of column names; quotes mean nothing, blank lines are
/// passed over.
func tabSeparated(_ bytes: UnsafeRawBufferPointer, file: String) throws -> [DataRow] {
  var columns: NamedColumns?
  var rows: [DataRow] = []
  for (number, line) in Lines(bytes) where !line.isEmpty {
    let fields = try line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
      .map { try validated($0, at: "\(file), line \(number)") }
    if let columns {
      rows.append(try columns.row(fields, line: number))
    } else {
      columns = try NamedColumns(fields, file: file, line: number)
    }
  }
  return rows
}
