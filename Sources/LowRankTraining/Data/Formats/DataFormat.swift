/// How a data file is written, told by the end of its name.
public enum DataFormat: String, Hashable, Sendable, CaseIterable {
  /// One JSON object a line.
  case jsonl
  /// One JSON array of objects.
  case json
  /// Comma-separated values as pandas reads them, usually with a header.
  case csv
  /// Fields between tabs, taken literally and never quoted, most often under a line of column
  /// names.
  case tsv
  /// One text a line.
  case txt

  /// What a row is counted by in messages: array elements have no line of their own.
  var unit: String { self == .json ? "row" : "line" }

  /// Whether the file is a table, whose columns have an order and may be without names.
  var isTable: Bool { self == .csv || self == .tsv }

  /// What the named parts of a row are called in messages.
  var fieldName: (one: String, many: String) {
    isTable ? ("column", "columns") : ("key", "keys")
  }

  /// Reads the rows of a file's bytes; `file` is its name for messages.
  func rows(
    of bytes: UnsafeRawBufferPointer, file: String, isHeader: @escaping HeaderTest
  ) throws -> TableContent {
    switch self {
    case .jsonl: try jsonLines(bytes, file: file)
    case .json: try jsonArray(bytes, file: file)
    case .csv: try commaSeparated(bytes, file: file, isHeader: isHeader)
    case .tsv: try tabSeparated(bytes, file: file, isHeader: isHeader)
    case .txt: try plainText(bytes, file: file)
    }
  }
}
