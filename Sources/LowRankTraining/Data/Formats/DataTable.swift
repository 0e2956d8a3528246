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
}

/// The rows of one data file.
public struct DataTable: Sendable {
  /// The path of the file as it was given.
  public let file: String
  /// How the file is written.
  public let format: DataFormat
  /// The rows in the order of the file; never empty.
  public let rows: [DataRow]
  /// Remarks on how the file was read.
  public let remarks: [String]
  /// The column names that occur more than once in the header; only the first of the columns keeps the name.
  let repeated: [String]

  /// Reads a whole file, whose name ends in .jsonl, .json, .csv, .tsv or .txt.
  ///
  /// - Parameter isHeader: whether the first record of a .csv or .tsv names the columns; any does
  ///   by default.
  /// - Throws: `FileError` where it cannot be read, else `DataError` or `JSONError` with the file,
  ///   the line and what was expected there.
  public init(at url: URL, isHeader: @escaping HeaderTest = { _ in true }) throws {
    file = url.relativePath
    guard let format = DataFormat(rawValue: url.pathExtension) else {
      let exists = FileManager.default.fileExists(atPath: url.path)
      throw DataError(
        file,
        exists ? "a data file ends in .jsonl, .json, .csv, .tsv or .txt" : "there is no such file")
    }
    self.format = format
    let work = Work("reading \(url.relativePath)", .bytes)
    defer { work.end() }
    let bytes = try content(of: url)
    let content = try bytes.withUnsafeBytes {
      try requireText($0, of: url.relativePath)
      return try format.rows(of: $0, file: url.relativePath, isHeader: isHeader)
    }
    rows = content.rows
    remarks = content.remarks
    repeated = content.repeated
    guard !rows.isEmpty else { throw DataError(file, "the file has no rows") }
  }

  /// The place of a row for messages, `data/train.jsonl, line 17`.
  public func place(of row: DataRow) -> String { "\(file), \(format.unit) \(row.number)" }
}

/// The bytes of a file, copied: somebody may be writing it anew, and a mapped page that is gone by
/// the time it is touched ends the process.
private func content(of url: URL) throws(FileError) -> Data {
  _ = try MappedFile(at: url)
  do {
    return try Data(contentsOf: url)
  } catch {
    throw FileError("read", url.relativePath, reason: error.localizedDescription)
  }
}
