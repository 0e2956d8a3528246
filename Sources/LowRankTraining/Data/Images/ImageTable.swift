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
  private let folders: [ImageFolder]
  /// Whether the rows are those of a folder.
  public let isFolder: Bool
  /// The classes of a folder, ordered by the bytes of their names; nil for tables.
  public let classes: [String]?
  /// The column of the images themselves, in Parquet files; nil where rows name files.
  let column: ImageColumn?

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
      (folders, isFolder, classes, column) = ([ImageFolder(first)], true, listing.classes, nil)
      table = listing.table
    } else if ImageListing.isImage(first.lastPathComponent) {
      let rows = split.files.enumerated().map { index, file in
        DataRow(
          number: index + 1, fields: [ImageListing.fileColumn: .string(file.relativePath)])
      }
      (folders, isFolder, classes, column) = ([ImageFolder(URL(filePath: "."))], true, nil, nil)
      table = DataTable(
        split.name, .json, rows: rows, remarks: [], repeated: [], parts: [])
    } else {
      let table = try DataTable(of: split, isHeader: columns.isHeader)
      let column = try ImageColumn(of: split, table, columns)
      (folders, isFolder, classes, self.column) = (split.imageFolders, false, nil, column)
      self.table = column?.naming(table) ?? table
    }
  }

  /// Where a row's image is.
  ///
  /// - Parameters:
  ///   - path: its path, relative to the table's folder.
  ///   - name: the column of the path.
  func source(_ path: String, of row: DataRow, in name: String) -> ImageSource {
    let place = "\(table.place(of: row)), \(table.format.fieldName.one) \"\(name)\""
    if let column { return ImageSource(column, row, at: place) }
    guard !path.isEmpty else { return ImageSource(nothingAt: place) }
    guard let file = folders[min(row.part, folders.count - 1)].path(of: path) else {
      return ImageSource(outside: path, namedAt: place)
    }
    return ImageSource(file: file, namedAt: isFolder ? nil : place)
  }
}
