import Foundation
import LowRankCheckpoints
import LowRankKeys
import LowRankParquet

/// A column of images in Parquet files, as `datasets` stores them: structures of `bytes` and the `path` that they had, or
/// bytes alone.
struct ImageColumn: Sendable {
  /// What a row has in the column.
  enum Image {
    case bytes([UInt8])
    /// The path of a file, in the place of bytes.
    case path(String)
    /// The path of a file that may not be read.
    case outside(String)
  }

  /// The name of the column.
  let name: String
  private let cells: ParquetCells
  /// The folders of the files.
  private let folders: [ImageFolder]

  /// Finds the column in the files of a table: the one that is given, else the one that they call an image, else the only one
  /// of bytes; nil where there is none.
  ///
  /// - Throws: `DataError` where several columns may be meant, or a file lacks the column; for a damaged file.
  init?(of split: DataSplit, _ table: DataTable, _ columns: ColumnChoice) throws {
    guard split.files.allSatisfy({ DataFormat(of: $0) == .parquet }) else { return nil }
    do {
      let files = try split.files.map { try ParquetFile(at: $0) }
      guard let name = try Self.name(in: files[0], table, columns) else { return nil }
      cells = try ParquetCells(
        files.map { file in
          guard let column = file.imageColumns[ExactText(name)] else {
            throw DataError(
              file.name,
              "there is no column \"\(name)\" of images, which \(files[0].name) has; give each split files of one kind"
            )
          }
          return (file, column)
        })
      self.name = name
    } catch let error as ParquetError {
      throw DataError(error.file, error.problem)
    }
    folders = split.imageFolders
  }

  private static func name(
    in file: ParquetFile, _ table: DataTable, _ columns: ColumnChoice
  ) throws(DataError) -> String? {
    let found = file.imageColumns
    if let given = columns.texts.first, !columns.recordsTexts || found[ExactText(given)] != nil {
      return found[ExactText(given)].map { _ in given }
    }
    guard table.rows[0].fields[ImageListing.fileColumn] == nil else { return nil }
    let names = file.names.filter { found[ExactText($0)] != nil }
    let declared = names.filter(imageFeatures(file.text("huggingface")).contains)
    let known = names.filter(["image", "img"].contains)
    if let only = [declared, known, names].first(where: { $0.count == 1 }) { return only[0] }
    guard !names.isEmpty else { return nil }
    let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
    throw DataError(
      file.name, "\(list) may be the images; name the column with \(setting: "text_column")")
  }

  /// The columns that the library `datasets` calls images.
  private static func imageFeatures(_ text: String?) -> [String] {
    let json = text.flatMap { try? JSONValue(parsing: $0) }
    let features = json?.object?["info"]?.object?["features"]?.object
    return (features?.entries ?? []).compactMap { column, feature in
      feature.object?["_type"]?.string == "Image" ? column : nil
    }
  }

  /// The table with the path of each image in its place, empty where it has none.
  func naming(_ table: DataTable) -> DataTable {
    let rows = table.rows.map { row in
      var fields = row.fields
      fields[name] = .string(path(of: row) ?? "")
      var named = DataRow(number: row.number, fields: fields)
      named.part = row.part
      return named
    }
    var named = DataTable(
      table.file, table.format, rows: rows, remarks: table.remarks, repeated: table.repeated,
      parts: table.parts)
    let own = [name, name + ".bytes"]
    named.unread = table.unread.filter { !own.contains($0) }
    named.classNames = table.classNames
    return named
  }

  /// The image of a row, whose bytes are read with the page that they are in; nil where it has none.
  ///
  /// - Throws: `DataError` with row and column for a damaged file.
  func image(of row: DataRow) throws(DataError) -> Image? {
    do throws(ParquetError) {
      if case .bytes(let bytes) = try cells.value(ofRow: row.number - 1, in: row.part) {
        return .bytes(bytes)
      }
    } catch {
      throw DataError(error.file, error.problem)
    }
    guard let path = path(of: row), !path.isEmpty else { return nil }
    return folders[row.part].path(of: path).map { .path($0) } ?? .outside(path)
  }

  private func path(of row: DataRow) -> String? {
    let value = row.fields[name]
    return value?.string ?? value?.object?["path"]?.string
  }
}

extension ParquetFile {
  /// The columns that may be images, by the fields that they are in.
  fileprivate var imageColumns: [ExactText: ParquetColumn] {
    var found: [ExactText: ParquetColumn] = [:]
    for column in columns where column.isBytes && !column.isRepeated {
      if column.path.count == 1 || column.path.count == 2 && column.path[1] == "bytes" {
        found[ExactText(column.path[0])] = column
      }
    }
    return found
  }
}
