import Foundation
import LowRankCheckpoints
import LowRankImages

/// Images with their classes: those of a folder, by the names of its folders, or those that a table names.
///
/// The columns of a folder are `file_name`, the path in the folder, and `label`, the name of the class.
public struct ImageTable: Sendable {
  /// The rows.
  public let table: DataTable
  /// The folders that paths are in, one for each file of a table.
  private let folders: [URL]
  /// Whether the rows are those of a folder.
  public let isFolder: Bool
  /// The classes of a folder, ordered by the bytes of their names; nil for tables.
  public let classes: [String]?

  /// Reads a table, or lists the images of a folder.
  ///
  /// - Parameters:
  ///   - columns: the columns that are given, for tables without a header.
  ///   - isLabelled: whether images of a folder lie in the folders of their classes; anywhere in it otherwise.
  /// - Throws: `DataError` for a folder without images, or with a class without images; what reading a table throws.
  public init(of split: DataSplit, columns: ColumnChoice, isLabelled: Bool) throws {
    let first = split.files[0]
    if ImageListing.isFolder(first) {
      let listing = try ImageListing(first, isLabelled: isLabelled)
      (folders, isFolder, classes) = ([first], true, listing.classes)
      table = listing.table
    } else if ImageListing.isImage(first.lastPathComponent) {
      let rows = split.files.enumerated().map { index, file in
        DataRow(
          number: index + 1, fields: [ImageListing.fileColumn: .string(file.relativePath)])
      }
      (folders, isFolder, classes) = ([URL(filePath: ".")], true, nil)
      table = DataTable(
        split.name, .json, rows: rows, remarks: [], repeated: [], parts: [])
    } else {
      table = try DataTable(of: split, isHeader: columns.isHeader)
      (folders, isFolder, classes) = (
        split.files.map { $0.deletingLastPathComponent() }, false, nil
      )
    }
  }

  /// The path of a row's image, which in a table is written relative to the table's folder.
  func path(_ text: String, of row: DataRow) -> String {
    guard !text.hasPrefix("/") else { return text }
    let folder = folders[min(row.part, folders.count - 1)].relativePath
    return folder == "." || folder.isEmpty ? text : "\(folder)/\(text)"
  }
}
