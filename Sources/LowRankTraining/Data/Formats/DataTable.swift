import Foundation
import LowRankCheckpoints
import LowRankProgress

/// One row of a data file: its named values, and where it stands.
public struct DataRow: Sendable {
  /// The line on which the row begins, or its place in an array, counted from 1.
  public let number: Int
  /// The values by name; fields of tables are strings.
  ///
  /// Where no line names the columns of a table, they are called by their numbers, counted from 1.
  public let fields: JSONObject
  /// Which of several files that are read as one the row stands in, counted from 0.
  var part = 0
}

/// The rows of one data file, or of several that are read as one.
public struct DataTable: Sendable {
  /// The path of the file as it was given; of several, the path of the first with the number of the others.
  public let file: String
  /// How the file is written.
  public let format: DataFormat
  /// The rows in the order of the file; never empty.
  public let rows: [DataRow]
  /// Remarks on how the file was read.
  public let remarks: [String]
  /// The column names that occur more than once in the header; only the first of the columns keeps the name.
  let repeated: [String]
  /// The columns of the file that are not read, because they hold bytes.
  var unread: [String] = []
  /// The names of numbered classes, by column.
  var classNames = ClassNames()
  /// The files, if there are several.
  var parts: [DataTablePart] = []

  /// Reads a whole file, whose name ends in one of ``DataFormat/endings``.
  ///
  /// - Parameters:
  ///   - isHeader: whether the first record of a .csv or .tsv names the columns; any does by default.
  ///   - allowsNone: whether the file may be without rows.
  /// - Throws: `FileError` where it cannot be read, else `DataError` or `JSONError` with the file,
  ///   the line and what was expected there.
  public init(at url: URL, isHeader: @escaping HeaderTest = { _ in true }, allowsNone: Bool = false)
    throws
  {
    file = url.relativePath
    guard let format = DataFormat(of: url) else {
      let exists = FileManager.default.fileExists(atPath: url.path)
      throw DataError(file, exists ? DataFormat.expectation : "there is no such file")
    }
    self.format = format
    let work = Work("reading \(url.relativePath)", .bytes)
    defer { work.end() }
    let content = try format.content(of: url, isHeader: isHeader)
    rows = content.rows
    unread = content.unread
    classNames = content.classNames
    remarks = content.remarks
    repeated = content.repeated
    guard allowsNone || !rows.isEmpty else { throw DataError(file, "the file has no rows") }
  }

  /// Some rows that were read elsewhere.
  init(
    _ file: String, _ format: DataFormat, rows: [DataRow], remarks: [String], repeated: [String],
    parts: [DataTablePart]
  ) {
    self.file = file
    self.format = format
    self.rows = rows
    self.remarks = remarks
    self.repeated = repeated
    self.parts = parts
  }

  /// The place of a row for messages, `data/train.jsonl, line 17`.
  public func place(of row: DataRow) -> String {
    guard parts.indices.contains(row.part) else { return "\(file), \(format.unit) \(row.number)" }
    let part = parts[row.part]
    return "\(part.file), \(part.format.unit) \(row.number)"
  }
}
