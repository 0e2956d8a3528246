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

  /// The endings of the names of data files, without the dot before them.
  public static var endings: [String] { allCases.map(\.rawValue) }

  /// The ending of a file's name, the longest that fits; nil if it is not that of a data file.
  static func ending(of name: String) -> String? {
    endings.filter { name.hasSuffix(".\($0)") }.max { $0.utf8.count < $1.utf8.count }
  }

  /// What the name of a data file must look like.
  static var expectation: String {
    let dotted = endings.map { ".\($0)" }
    return
      "a data file ends in \(dotted.dropLast().joined(separator: ", ")) or \(dotted.last ?? "")"
  }

  /// Whether a name looks like that of rows, in a format that is read or in another one.
  package static func looksLikeData(_ name: String) -> Bool {
    let others = [
      "ndjson", "parquet", "arrow", "feather", "xlsx", "gz", "bz2", "xz", "zst", "zip",
    ]
    let name = (name.split(separator: "/").last.map(String.init) ?? name).lowercased()
    return (endings + others).contains { name.hasSuffix(".\($0)") } && !isDescription(name)
  }

  /// Whether a file with the ending of a data file describes a data set.
  static func isDescription(_ name: String) -> Bool {
    ["readme.txt", "license.txt", "dataset_info.json", "dataset_infos.json"].contains(
      name.lowercased())
  }

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
