import Foundation
import LowRankKeys

/// What becomes of a row of texts, both in training and in `data check`.
enum RowFate {
  /// The row is trained.
  case kept
  /// The row has no text.
  case empty
  /// The row has no trained tokens.
  case untrained
  /// The row excludes all of its turns from training.
  case marked
}

/// A row of texts with its example.
struct ReadRow {
  /// The content of the row.
  let text: TextRow
  /// The example made from the row; nil if the row has no text.
  let encoded: EncodedExample?
  /// Where the prompt runs into the completion; nil if it does not.
  var seam: String?

  /// What becomes of the row.
  var fate: RowFate {
    guard let encoded else { return .empty }
    guard encoded.example.trained.isEmpty else { return .kept }
    return encoded.isWhollyMarked ? .marked : .untrained
  }
}

/// Reads the rows of a data file one by one.
struct ExampleReader {
  /// The rows.
  let table: DataTable
  /// How rows become examples.
  let encoder: ExampleEncoder
  private let reader: TextRowReader

  /// Opens the files of a split; see ``ExampleSet/init(of:encoder:columns:)``.
  init(of split: DataSplit, encoder: ExampleEncoder, columns: TextColumns) throws {
    table = try DataTable(of: split)
    self.encoder = encoder
    reader = try TextRowReader(for: table, columns: columns, hasTemplate: encoder.chat != nil)
  }

  /// What the rows hold.
  var layout: RowLayout { reader.layout }

  /// Reads a row and encodes it as an example.
  ///
  /// - Throws: `DataError` with the row's place where it is not as expected, and what the tokenizer throws.
  func read(_ row: DataRow) throws -> ReadRow {
    let text = try reader.text(of: row)
    guard !text.isEmpty else { return ReadRow(text: text, encoded: nil) }
    do {
      return ReadRow(
        text: text, encoded: try encoder.example(text), seam: text.seam(encoder.separator))
    } catch let error as ConversationError {
      throw DataError(table.place(of: row), error.description)
    }
  }

  /// What hardly anybody wants of the rows, given what became of them.
  func warnings(_ counts: ExampleCounts) -> [String] {
    [
      layout.passedOver.map { ReadingWarnings.passedOver($0.template, lacking: $0.lacking) },
      ReadingWarnings.truncation(counts.truncated, of: counts.rows, at: encoder.maxLength),
      ReadingWarnings.seam(counts.glued, of: counts.rows, first: counts.firstSeam),
    ].compactMap { $0 }
  }

  /// Remarks on how the file is read, given what became of its rows.
  func remarks(_ counts: ExampleCounts) -> [String] {
    var remarks = table.remarks
    if let remark = layout.remark { remarks.append(remark) }
    if layout.format == .text, layout.named.isEmpty, let first = table.rows.first,
      let hint = TextRowReader.labelHint(first)
    {
      remarks.append("\"text\" alone is trained; \(hint)")
    }
    if [.text, .completion, .alpaca].contains(layout.format) {
      remarks += table.numberRemarks(layout.used)
    }
    if layout.format == .alpaca, encoder.chat == nil {
      remarks.append(
        """
        there is no chat template: the prompt is the instruction, and the \(layout.input ?? "input") on the next line where \
        there is one, then \(setting: "separator"); the \(layout.columns.completion ?? "output") is the completion
        """)
    }
    if counts.partial > 0 {
      remarks.append(
        """
        in \(counts.partial) row\(counts.partial == 1 ? "" : "s") the chat template changes earlier answers; only answers \
        that it writes unchanged are trained, the last one among them
        """)
    }
    if counts.markedTurns > 0 {
      remarks.append(
        """
        \(counts.markedTurns) turn\(counts.markedTurns == 1 ? " of the assistant is" : "s of the assistant are") not trained, as \
        "weight" or "train" says
        """)
    }
    if counts.strayMarks > 0 {
      remarks.append(
        """
        \(counts.strayMarks) turn\(counts.strayMarks == 1 ? "" : "s") of other speakers should be trained, as "weight" or \
        "train" says, but only turns of the assistant are
        """)
    }
    return remarks
  }
}
