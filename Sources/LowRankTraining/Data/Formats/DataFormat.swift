import Foundation
import LowRankDecompression

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
  /// A table by column, as the Hugging Face hub keeps data sets.
  case parquet

  /// The endings of the names of data files, without the dot before them; texts may be compressed.
  public static var endings: [String] {
    let texts = allCases.filter { $0 != .parquet }.map(\.rawValue)
    return allCases.map(\.rawValue)
      + Compression.allCases.flatMap { compression in texts.map { "\($0).\(compression.rawValue)" }
      }
  }

  /// Whether a name looks like that of rows, in a format that is read or in another one.
  package static func looksLikeData(_ name: String) -> Bool {
    let others = [
      "ndjson", "arrow", "feather", "xlsx", "gz", "bz2", "xz", "zst", "zip",
    ]
    let name = (name.split(separator: "/").last.map(String.init) ?? name).lowercased()
    return (endings + others).contains { name.hasSuffix(".\($0)") } && !isDescription(name)
  }

  /// Whether a file with the ending of a data file describes a data set.
  static func isDescription(_ name: String) -> Bool {
    ["readme.txt", "license.txt", "dataset_info.json", "dataset_infos.json"].contains(
      name.lowercased())
  }

  /// The ending of a file's name in small letters, the longest that fits; nil if it is not that of a data file.
  static func ending(of name: String) -> String? {
    let name = name.lowercased()
    return endings.filter { name.hasSuffix(".\($0)") }.max { $0.utf8.count < $1.utf8.count }
  }

  /// What the name of a data file must look like.
  static let expectation =
    "a data file ends in .jsonl, .json, .csv, .tsv, .txt or .parquet; a text may be compressed, and end in .gz or .zst too"

  /// The format that the name of a file tells; nil if it is not that of a data file.
  public init?(of url: URL) {
    guard let ending = Self.ending(of: url.lastPathComponent) else { return nil }
    self.init(rawValue: String(ending.prefix { $0 != "." }))
  }

  /// What a row is counted by in messages: array elements and rows of columns have no line of their own.
  var unit: String { self == .json || self == .parquet ? "row" : "line" }

  /// Whether the file is a text table, whose columns have an order and may be without names.
  var isTable: Bool { self == .csv || self == .tsv }

  /// What the named parts of a row are called in messages.
  var fieldName: (one: String, many: String) {
    isTable || self == .parquet ? ("column", "columns") : ("key", "keys")
  }

  /// Reads the rows of a file.
  func content(of url: URL, isHeader: @escaping HeaderTest) throws -> TableContent {
    let file = url.relativePath
    guard self != .parquet else { return try parquetContent(at: url) }
    return try textBytes(of: url).withUnsafeBytes { bytes in
      try requireText(bytes, of: file)
      return switch self {
      case .jsonl: try jsonLines(bytes, file: file)
      case .json: try jsonArray(bytes, file: file)
      case .csv: try commaSeparated(bytes, file: file, isHeader: isHeader)
      case .tsv: try tabSeparated(bytes, file: file, isHeader: isHeader)
      case .txt, .parquet: try plainText(bytes, file: file)
      }
    }
  }
}
