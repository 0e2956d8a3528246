import Foundation
import LowRankProgress

/// The examples of one split.
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
  private let cautions: [String]

  /// Reads the files of a split and turns their rows into examples; rows without a token to learn are left out and
  /// counted.
  ///
  /// - Parameter columns: the columns of the text, or of prompt and completion; by default they follow from
  ///   ``RowFormat``.
  /// - Throws: `FileError`, `DataError` or `JSONError` where the file is not as expected, `DataError`
  ///   where no row is left, and what the tokenizer throws.
  public init(
    of split: DataSplit, encoder: ExampleEncoder, columns: TextColumns = TextColumns()
  ) throws {
    let reader = try ExampleReader(of: split, encoder: encoder, columns: columns)
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
      let lost = counts.lost.sentence.map { "; \($0)" } ?? ""
      throw DataError(table.file, "no row has a trained token (\(counts))\(lost)")
    }
    format = reader.layout.format
    self.columns = reader.layout.named
    self.holdsConversations = holdsConversations
    notes = reader.remarks(counts)
    cautions = reader.warnings(counts)
    self.source = table.file
    self.examples = examples
    self.rowNumbers = rowNumbers
    self.counts = counts
  }

  /// Reads one file; see ``init(of:encoder:columns:)``.
  public init(
    at url: URL, encoder: ExampleEncoder, columns: TextColumns = TextColumns()
  ) throws {
    try self.init(of: DataSplit(url), encoder: encoder, columns: columns)
  }

  /// Examples made elsewhere, at least one, each with a token to learn.
  public init(_ examples: [Example], source: String) {
    precondition(
      !examples.isEmpty && examples.allSatisfy { !$0.trained.isEmpty },
      "each of the \(examples.count) examples of \(source) needs a trained token")
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
    (notes, cautions) = ([], [])
  }

  /// Divides the examples into those to train on and those to evaluate on.
  ///
  /// - Throws: `DataError` if there are too few.
  public func divided(by share: ValidShare) throws(DataError) -> (
    train: ExampleSet, valid: ExampleSet
  ) {
    let kept = try share.rows(of: examples.count, at: source)
    let valid = Set(kept)
    let rest = examples.indices.filter { !valid.contains($0) }
    return (
      ExampleSet(self, at: rest, source: source),
      ExampleSet(self, at: kept, source: "\(source), rows kept for evaluation")
    )
  }

  /// Some examples of a set, at least one.
  package init(_ set: ExampleSet, at places: [Int], source: String) {
    var counts = ExampleCounts()
    counts.rows = places.count
    for place in places { counts.keep(set.examples[place]) }
    self.source = source
    self.counts = counts
    examples = places.map { set.examples[$0] }
    rowNumbers = places.map { set.rowNumbers[$0] }
    format = set.format
    holdsConversations = set.holdsConversations
    columns = set.columns
    (notes, cautions) = (set.notes, set.cautions)
  }

  /// Remarks on how the rows were read.
  public var remarks: [String] { notes.map { "\(source): \($0)" } }

  /// What hardly anybody wants of the rows: truncated ones, prompts that run into their completions, a template of prompts
  /// that the file has no columns for.
  public var warnings: [String] { cautions.map { "\(source): \($0)" } }
}
