import Foundation

/// Reads the rows of a data file one by one.
struct ExampleReader {
  /// The rows.
  let table: DataTable
  /// How rows become examples.
  let encoder: ExampleEncoder
  private let reader: TextRowReader

  /// Opens a file; see ``ExampleSet/init(at:encoder:textColumn:)``.
  init(at url: URL, encoder: ExampleEncoder, textColumn: String?) throws {
    table = try DataTable(at: url)
    self.encoder = encoder
    reader = try TextRowReader(
      for: table, textColumn: textColumn, hasTemplate: encoder.chat != nil)
  }

  /// What the rows hold.
  var format: RowFormat { reader.format }

  /// What a row says, and the example it makes; none where nothing is written there.
  ///
  /// - Throws: `DataError` with the row's place where it is not as expected, and what the tokenizer throws.
  func read(_ row: DataRow) throws -> (text: TextRow, encoded: EncodedExample?) {
    let text = try reader.text(of: row)
    guard !text.isEmpty else { return (text, nil) }
    do {
      return (text, try encoder.example(text))
    } catch let error as ConversationError {
      throw DataError(table.place(of: row), error.description)
    }
  }
}
