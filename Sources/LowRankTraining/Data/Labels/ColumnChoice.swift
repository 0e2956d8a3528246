import LowRankCheckpoints

/// The columns of a file that hold the texts and the label of a row.
///
/// A column is given by its name. In .csv and .tsv it may be given by its number, counted from 1.
/// Where all columns are given by numbers the file is taken to have no header, unless its first
/// line names columns: unless it consists of such numbers itself, or one of the given columns has a
/// well-known name there, such as `sentence` or `label`.
public struct ColumnChoice: Hashable, Sendable {
  /// The column of the text, or those of the first text and the second; empty where they are to be
  /// guessed.
  public var texts: [String]
  /// The column of the label; none where it is to be guessed, or where there is none.
  public var label: String?
  /// Whether the columns of the texts are those that an adapter recorded in training; the same of the label.
  private(set) var recordsTexts = false
  private(set) var recordsLabel = false

  /// The given columns.
  public init(texts: [String] = [], label: String? = nil) {
    self.texts = texts
    self.label = label
  }

  /// The given columns, and in the place of those that are not the ones that an adapter recorded in training.
  public func filled(from other: ColumnChoice) -> ColumnChoice {
    var choice = ColumnChoice(
      texts: texts.isEmpty ? other.texts : texts, label: label ?? other.label)
    choice.recordsTexts = texts.isEmpty && !other.texts.isEmpty
    choice.recordsLabel = label == nil && other.label != nil
    return choice
  }

  /// The columns without those that an adapter recorded and a table does not have, which are looked for there as if nothing
  /// were known: data sets of images call them by other names.
  func withoutRecorded(lackingIn table: DataTable) -> ColumnChoice {
    let names = Set((table.rows.first?.fields.keys ?? []).map(ExactText.init))
    var choice = self
    if recordsTexts, !texts.allSatisfy({ names.contains(ExactText($0)) }) {
      (choice.texts, choice.recordsTexts) = ([], false)
    }
    if recordsLabel, let label, !names.contains(ExactText(label)) {
      (choice.label, choice.recordsLabel) = (nil, false)
    }
    return choice
  }

  /// All columns that are given.
  var given: [String] { texts + (label.map { [$0] } ?? []) }

  /// Whether the first line of a table names its columns; it is a row otherwise.
  package func isHeader(_ first: [String]) -> Bool {
    let numbers = given.compactMap(columnNumber)
    guard !given.isEmpty, numbers.count == given.count else { return true }
    let names = Set(first.map(ExactText.init))
    if given.allSatisfy({ names.contains(ExactText($0)) }) { return true }
    func named(_ column: String) -> ExactText? {
      columnNumber(column).flatMap { first.indices.contains($0 - 1) ? first[$0 - 1] : nil }
        .map(ExactText.init)
    }
    return texts.contains { named($0).map(KnownColumns.texts.contains) ?? false }
      || label.flatMap(named).map(KnownColumns.labels.contains) ?? false
  }

  /// Whether the columns are those of a table without names.
  var isNumbered: Bool { given.allSatisfy { columnNumber($0) != nil } }
}

/// The number of a column, counted from 1, that a text spells; none where it is a name.
func columnNumber(_ text: String) -> Int? {
  wholeNumber(text).flatMap { $0 > 0 ? $0 : nil }
}
