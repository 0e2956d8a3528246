import Foundation
import LowRankProgress

/// The examples of one data file.
public struct ExampleSet: Sendable {
  /// Where they come from, for messages.
  public let source: String
  /// The examples in the order of the file.
  public let examples: [Example]
  /// The row of each example in the file, counted from 1.
  public let rowNumbers: [Int]
  /// What became of the rows.
  public let counts: ExampleCounts
  /// What the rows hold; nil for examples made elsewhere.
  public let format: RowFormat?
  /// Whether a chat template wrote any of the rows.
  public let holdsConversations: Bool
  /// The columns that were read, if they are not those of the format; empty otherwise.
  public let columns: TextColumns
  private let notes: [String]

  /// Reads a file and turns its rows into examples; rows without a token to learn are left out and
  /// counted.
  ///
  /// - Parameter columns: the columns of the text, or of prompt and completion; by default they follow from
  ///   ``RowFormat``.
  /// - Throws: `FileError`, `DataError` or `JSONError` where the file is not as expected, `DataError`
  ///   where no row is left, and what the tokenizer throws.
  public init(
    at url: URL, encoder: ExampleEncoder, columns: TextColumns = TextColumns()
  ) throws {
    let reader = try ExampleReader(at: url, encoder: encoder, columns: columns)
    let table = reader.table
    var counts = ExampleCounts()
    var examples: [Example] = []
    var rowNumbers: [Int] = []
    var holdsConversations = false
    let work = Work("encoding \(table.file)", of: table.rows.count)
    defer { work.end() }
    for row in table.rows {
      let read = try reader.read(row)
      work.advance()
      counts.add(read)
      if case .conversation = read.text { holdsConversations = true }
      guard read.fate == .kept, let example = read.encoded?.example else { continue }
      examples.append(example)
      rowNumbers.append(counts.rows)
    }
    guard !examples.isEmpty else {
      throw DataError(table.file, "no row has a token to learn (\(counts))")
    }
    format = reader.layout.format
    self.columns = reader.layout.named
    self.holdsConversations = holdsConversations
    notes = reader.remarks(counts)
    self.source = table.file
    self.examples = examples
    self.rowNumbers = rowNumbers
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
    rowNumbers = Array(1...examples.count)
    self.counts = counts
    format = nil
    columns = TextColumns()
    holdsConversations = false
    notes = []
  }

  /// Remarks on how the rows were read.
  public var remarks: [String] { notes.map { "\(source): \($0)" } }
}
