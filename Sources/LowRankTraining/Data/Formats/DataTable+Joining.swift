/// One of the files that a table was read from.
struct DataTablePart: Sendable {
  /// The path of the file as it was given.
  let file: String
  /// How the file is written.
  let format: DataFormat
}

extension DataTable {
  /// Reads the files of a split as one table.
  ///
  /// - Parameter isHeader: whether the first record of each .csv or .tsv names the columns; any does by default.
  /// - Throws: what reading a file throws; `DataError` if no file has a row.
  public init(
    of split: DataSplit, isHeader: @escaping HeaderTest = { _ in true }
  ) throws {
    guard split.files.count > 1 else {
      try self.init(at: split.files[0], isHeader: isHeader)
      return
    }
    let tables = try split.files.map {
      try DataTable(at: $0, isHeader: isHeader, allowsNone: true)
    }
    let rows = tables.enumerated().flatMap { part, table in
      table.rows.map { row in
        var row = row
        row.part = part
        return row
      }
    }
    guard !rows.isEmpty else { throw DataError(split.name, "the files have no rows") }
    self.init(
      split.name, tables[0].format, rows: rows,
      remarks: tables.flatMap(\.remarks)
        + ["\(tables.count) files are read as one; rows are counted across them"],
      repeated: Set(tables.flatMap(\.repeated)).sorted(),
      parts: tables.map { DataTablePart(file: $0.file, format: $0.format) })
    for column in tables.flatMap(\.unread) where !unread.contains(column) { unread.append(column) }
    classNames = tables[0].classNames
    for table in tables {
      guard let column = classNames.difference(from: table.classNames) else { continue }
      throw DataError(
        table.file,
        "column \"\(column)\" does not number the same classes as that of \(tables[0].file); write both files with the same names in the same order"
      )
    }
  }

  /// What rows are counted by in messages: lines of a file, or rows of several files.
  var unit: String { parts.isEmpty ? format.unit : "row" }

  /// The number of a row, counted from 1: its line, or its place among the rows of several files.
  ///
  /// - Parameter index: the place of the row in the table, counted from 0.
  func number(of row: DataRow, at index: Int) -> Int { parts.isEmpty ? row.number : index + 1 }
}
