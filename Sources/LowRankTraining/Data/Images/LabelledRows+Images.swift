import LowRankCheckpoints
import LowRankKeys

extension LabelledRows {
  /// Reads the rows of images.
  ///
  /// - Parameters:
  ///   - columns: where the path and the label are; by default `file_name`, and what the label may be called.
  ///   - requiresLabels: whether every image must have a class.
  ///   - collectsRefusals: whether rows that would stop a run are kept, with the reason.
  /// - Throws: `FileError`, `DataError` or `JSONError`.
  public init(
    images split: DataSplit, columns: ColumnChoice = ColumnChoice(), requiresLabels: Bool = true,
    collectsRefusals: Bool = false
  ) throws {
    try self.init(
      ImageTable(of: split, columns: columns, isLabelled: requiresLabels), columns: columns,
      requiresLabels: requiresLabels, collectsRefusals: collectsRefusals)
  }

  /// The rows of a table of images.
  ///
  /// - Throws: `DataError` where a row is not as expected.
  public init(
    _ images: ImageTable, columns: ColumnChoice = ColumnChoice(), requiresLabels: Bool = true,
    collectsRefusals: Bool = false
  ) throws {
    let table = images.table
    var columns = columns.withoutRecorded(lackingIn: table)
    if let column = images.column {
      columns.texts = [column.name]
    } else if images.isFolder {
      columns = ColumnChoice(texts: [ImageListing.fileColumn], label: ImageListing.labelColumn)
    } else if columns.texts.count < 2 {
      columns.texts = [try table.pathColumn(columns.texts.first)]
    }
    guard columns.texts.count == 1 else {
      throw DataError(
        table.file,
        "an image is a row of its own, but \(setting: "text_column") names \(columns.texts.count) columns"
      )
    }
    try self.init(
      table, columns: columns, task: .imageClassification, requiresLabels: requiresLabels,
      collectsRefusals: collectsRefusals)
    let name = self.columns.texts[0]
    place(classes: images.classes, isNamedByPath: images.isFolder) { path, index in
      images.source(path, of: table.rows[index], in: name)
    }
  }
}
