import Foundation

/// The examples of one data file.
public struct ExampleSet: Sendable {
  /// Where they come from, for messages.
  public let source: String
  /// The examples in the order of the file.
  public let examples: [Example]
  /// What became of the rows.
  public let counts: ExampleCounts

  /// Reads a file and turns its rows into examples; rows without a token to learn are left out and
  /// counted.
  ///
  /// - Parameter textColumn: the column that holds the text; by default rows have `text`, or `prompt`
  ///   and `completion`.
  /// - Throws: `FileError`, `DataError` or `JSONError` where the file is not as expected, `DataError`
  ///   where no row is left, and what the tokenizer throws.
  public init(at url: URL, encoder: ExampleEncoder, textColumn: String? = nil) throws {
    let table = try DataTable(at: url)
    let reader = try TextRowReader(for: table, textColumn: textColumn)
    var counts = ExampleCounts()
    var examples: [Example] = []
    for row in table.rows {
      counts.rows += 1
      let text = try reader.text(of: row)
      guard !text.isEmpty else {
        counts.empty += 1
        continue
      }
      let (example, isTruncated) = try encoder.example(text)
      if isTruncated { counts.truncated += 1 }
      guard !example.trained.isEmpty else {
        counts.untrained += 1
        continue
      }
      counts.keep(example)
      examples.append(example)
    }
    guard !examples.isEmpty else {
      throw DataError(table.file, "no row has a token to learn (\(counts))")
    }
    self.source = table.file
    self.examples = examples
    self.counts = counts
  }

  /// Examples made elsewhere, at least one, each with a token to learn.
  public init(_ examples: [Example], source: String) {
    precondition(
      !examples.isEmpty && examples.allSatisfy { !$0.trained.isEmpty },
      "each of the \(examples.count) examples of \(source) needs a token to learn")
    var counts = ExampleCounts()
    counts.rows = examples.count
    for example in examples { counts.keep(example) }
    self.source = source
    self.examples = examples
    self.counts = counts
  }
}
