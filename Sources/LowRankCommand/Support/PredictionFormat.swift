import Foundation

/// How predictions are written, told by the end of the file's name.
enum PredictionFormat: String {
  /// A JSON object a line.
  case jsonl
  /// Values between commas, quoted where they need it, under a line of column names.
  case csv
  /// Values between tabs, never quoted, under a line of column names.
  case tsv

  /// The format of a file; JSON lines for standard output and other names.
  init(of url: URL?) {
    self = url.flatMap { Self(rawValue: $0.pathExtension.lowercased()) } ?? .jsonl
  }

  var isTable: Bool { self != .jsonl }

  /// A line of cells, without the line's end.
  func line(_ cells: [String]) -> String {
    self == .tsv
      ? cells.joined(separator: "\t") : cells.map(Self.quoted).joined(separator: ",")
  }

  /// Whether a cell can be written.
  func holds(_ cell: String) -> Bool {
    self != .tsv || !cell.utf8.contains { [UInt8(ascii: "\t"), 0x0a, 0x0d].contains($0) }
  }

  private static func quoted(_ cell: String) -> String {
    let isPlain =
      !cell.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0a, 0x0d].contains($0) }
      && cell.utf8.first != UInt8(ascii: " ") && cell.utf8.last != UInt8(ascii: " ")
    return isPlain ? cell : "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }
}
