import Foundation
import LowRankCheckpoints

/// One row of a file: its texts and its label, as they stand there.
public struct LabelledRow: Sendable {
  /// Where the row stands, for messages: `data/train.tsv, line 17`.
  public let place: String
  /// The line on which the row begins, or its place in an array, counted from 1.
  public let number: Int
  /// The text, or the first text and the second.
  public let texts: [String]
  /// The label; none where labels are not read.
  public let label: RowLabel?
}

/// The rows of a file as texts and labels.
public struct LabelledRows: Sendable {
  /// The path of the file as it was given.
  public let source: String
  /// How the file is written.
  public let format: DataFormat
  /// What the labels are for.
  public let task: TrainingTask
  /// The columns that were read, guessed or given.
  public let columns: ColumnChoice
  /// The rows in the order of the file; never empty.
  public let rows: [LabelledRow]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - columns: where the texts and the label are; what is not given is guessed.
  ///   - task: what the labels are for, not `causal`.
  ///   - requiresLabels: whether every row must have a label; labels are not read otherwise, so
  ///     that a model can be asked about a file whose labels are absent, secret or of another kind.
  /// - Throws: `FileError`, `DataError` or `JSONError` where the file is not as expected.
  public init(
    at url: URL, columns: ColumnChoice = ColumnChoice(), task: TrainingTask,
    requiresLabels: Bool = true
  ) throws {
    precondition(task != .causal, "rows to continue have no label")
    let table = try DataTable(at: url, isHeader: columns.isHeader)
    let found = try columns.resolved(in: table, requiresLabels: requiresLabels)
    var rows: [LabelledRow] = []
    rows.reserveCapacity(table.rows.count)
    for row in table.rows {
      let place = table.place(of: row)
      var texts: [String] = []
      for column in found.texts {
        texts.append(try table.string(column, of: row))
      }
      let label = try found.label.map { column in
        guard let value = row.fields[column] else {
          throw DataError(place, table.missing(column, among: row.fields.keys))
        }
        return try RowLabel(value, for: task, at: place)
      }
      rows.append(LabelledRow(place: place, number: row.number, texts: texts, label: label))
    }
    source = table.file
    format = table.format
    self.task = task
    self.columns = found
    self.rows = rows
    if table.format.isTable, found.isNumbered { try refuseHeader() }
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
      their names to --text-column and --label-column
      """)
  }
}
