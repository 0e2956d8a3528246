import Foundation
import LowRankCheckpoints
import LowRankKeys

/// One row of a file: its texts and its label, as they stand there.
public struct LabelledRow: Sendable {
  /// Where the row stands, for messages: `data/train.tsv, line 17`.
  public internal(set) var place: String
  /// The line on which the row begins, or its place in an array, counted from 1.
  public let number: Int
  /// The text, or the first text and the second; the path of an image.
  public internal(set) var texts: [String]
  /// Where the image is; nil for texts.
  var image: ImageSource?
  /// The label; none where labels are not read.
  public internal(set) var label: RowLabel?
  /// The reason why the row would stop a run; nil unless such rows are collected.
  var refusal: DataError?
}

/// The rows of a file as texts and labels.
public struct LabelledRows: Sendable {
  /// The path of the file as it was given.
  public let source: String
  /// How the file is written; of several, the first.
  public let format: DataFormat
  /// What rows are counted by in messages.
  let unit: String
  /// What the labels are for.
  public let task: TrainingTask
  /// The columns that were read, guessed or given.
  public let columns: ColumnChoice
  /// The rows in the order of the file; never empty.
  public private(set) var rows: [LabelledRow]
  /// Remarks on how the file was read.
  public let remarks: [String]
  /// The number of labels if rows are multi-hot, with a 0 or 1 for each; nil if rows name their labels.
  public private(set) var flagCount: Int?
  /// The names of the classes in the order of their numbers, if the file has them.
  private(set) var classNames: [String]?

  /// Reads the files of a split.
  ///
  /// - Parameters:
  ///   - columns: where the texts and the label are; what is not given is guessed.
  ///   - task: what the labels are for, not `causal`.
  ///   - requiresLabels: whether every row must have a label; labels are not read otherwise, so
  ///     that a model can be asked about a file whose labels are absent, secret or of another kind.
  ///   - collectsRefusals: whether rows that would stop a run are kept, with the reason, for a check of the file.
  /// - Throws: `FileError`, `DataError` or `JSONError` where the file is not as expected.
  public init(
    of split: DataSplit, columns: ColumnChoice = ColumnChoice(), task: TrainingTask,
    requiresLabels: Bool = true, collectsRefusals: Bool = false
  ) throws {
    guard task != .imageClassification else {
      try self.init(
        images: split, columns: columns, requiresLabels: requiresLabels,
        collectsRefusals: collectsRefusals)
      return
    }
    try self.init(
      DataTable(of: split, isHeader: columns.isHeader), columns: columns, task: task,
      requiresLabels: requiresLabels, collectsRefusals: collectsRefusals)
  }

  /// Reads rows that are in memory, of a file read with ``ColumnChoice/isHeader``.
  ///
  /// - Throws: `DataError` where a row is not as expected.
  public init(
    _ table: DataTable, columns: ColumnChoice = ColumnChoice(), task: TrainingTask,
    requiresLabels: Bool = true, collectsRefusals: Bool = false
  ) throws {
    precondition(task != .causal, "rows to continue have no label")
    let found = try columns.resolved(in: table, requiresLabels: requiresLabels)
    var rows: [LabelledRow] = []
    rows.reserveCapacity(table.rows.count)
    try table.requireUnique(found.given)
    for (index, row) in table.rows.enumerated() {
      let number = table.number(of: row, at: index)
      do {
        rows.append(try LabelledRow(row, number, of: table, found, task))
      } catch {
        guard collectsRefusals else { throw error }
        rows.append(LabelledRow(refused: error, row, number, of: table))
      }
    }
    source = table.file
    format = table.format
    unit = table.unit
    self.task = task
    self.columns = found
    self.rows = rows
    remarks = table.remarks
    classNames = task == .regression ? nil : found.label.flatMap { table.classNames[$0] }
    try readFlags(collectsRefusals)
    if table.format.isTable, found.isNumbered { try refuseHeader() }
  }

  /// Reads one file; see ``init(of:columns:task:requiresLabels:collectsRefusals:)``.
  public init(
    at url: URL, columns: ColumnChoice = ColumnChoice(), task: TrainingTask,
    requiresLabels: Bool = true, collectsRefusals: Bool = false
  ) throws {
    try self.init(
      of: DataSplit(url), columns: columns, task: task, requiresLabels: requiresLabels,
      collectsRefusals: collectsRefusals)
  }

  /// Completes the rows of images: where these are, and the classes of a folder.
  ///
  /// - Parameter isNamedByPath: whether messages name an image, and not its row.
  mutating func place(
    classes: [String]?, isNamedByPath: Bool, source: (String, Int) -> ImageSource
  ) {
    if let classes { classNames = classes }
    for index in rows.indices where !rows[index].texts.isEmpty {
      let image = source(rows[index].texts[0], index)
      rows[index].image = image
      rows[index].texts[0] = image.name
      if isNamedByPath { rows[index].place = image.name }
    }
  }

  /// Converts labels to multi-hot if all rows have that form, and refuses a list of numbers with duplicates.
  private mutating func readFlags(_ collectsRefusals: Bool) throws(DataError) {
    flagCount = RowLabel.flagCount(of: rows.compactMap(\.label))
    for index in rows.indices {
      if flagCount != nil {
        rows[index].label = rows[index].label?.asFlags
      } else if let number = rows[index].label?.repeatedNumber {
        let refusal = DataError(
          rows[index].place,
          """
          the number \(number) stands twice in "\(columns.label ?? "")": either list the labels that the row has, or give \
          every row of the file a 0 or 1 for each label, as many as there are
          """)
        guard collectsRefusals else { throw refusal }
        rows[index].refusal = refusal
      }
    }
  }

  /// Refuses a first row whose label alone is no number: it is a line of column names.
  private func refuseHeader() throws(DataError) {
    guard rows.count > 1, case .name(let first) = rows[0].label, wholeNumber(first) == nil,
      rows.dropFirst().allSatisfy({
        if case .name(let name) = $0.label { wholeNumber(name) != nil } else { false }
      })
    else { return }
    throw DataError(
      rows[0].place,
      """
      the label "\(first)" is no number, as all others are; if this line names the columns, give \
      their names to \(setting: "text_column") and \(setting: "label_column")
      """)
  }
}

extension LabelledRow {
  /// Reads the texts and the label of a row from their columns.
  fileprivate init(
    _ row: DataRow, _ number: Int, of table: DataTable, _ columns: ColumnChoice,
    _ task: TrainingTask
  ) throws(DataError) {
    let place = table.place(of: row)
    var texts: [String] = []
    for column in columns.texts { texts.append(try table.string(column, of: row)) }
    var label: RowLabel?
    if let column = columns.label {
      guard let value = row.fields[column] else {
        throw DataError(place, table.missing(column, among: row.fields.keys))
      }
      let named = task == .regression ? value : table.classNames.named(value, in: column)
      label = try RowLabel(named, for: task, in: column, at: place)
    }
    self.init(place: place, number: number, texts: texts, label: label)
  }

  /// Creates a row that would stop a run.
  fileprivate init(refused refusal: DataError, _ row: DataRow, _ number: Int, of table: DataTable) {
    self.init(
      place: table.place(of: row), number: number, texts: [], label: nil, refusal: refusal)
  }
}
