import Foundation

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
  private let joinsInstructions: Bool

  /// Reads a file and turns its rows into examples; rows without a token to learn are left out and
  /// counted.
  ///
  /// - Parameter textColumn: the column that holds the text; by default ``RowFormat`` says what rows hold.
  /// - Throws: `FileError`, `DataError` or `JSONError` where the file is not as expected, `DataError`
  ///   where no row is left, and what the tokenizer throws.
  public init(at url: URL, encoder: ExampleEncoder, textColumn: String? = nil) throws {
    let reader = try ExampleReader(at: url, encoder: encoder, textColumn: textColumn)
    let table = reader.table
    var counts = ExampleCounts()
    var examples: [Example] = []
    var rowNumbers: [Int] = []
    var holdsConversations = false
    for row in table.rows {
      counts.rows += 1
      let (text, encoded) = try reader.read(row)
      if case .conversation = text { holdsConversations = true }
      guard let encoded else {
        counts.empty += 1
        continue
      }
      if encoded.isTruncated { counts.truncated += 1 }
      if encoded.unplacedTurns > 0 { counts.partial += 1 }
      guard !encoded.example.trained.isEmpty else {
        counts.untrained += 1
        continue
      }
      counts.keep(encoded.example)
      examples.append(encoded.example)
      rowNumbers.append(counts.rows)
    }
    guard !examples.isEmpty else {
      throw DataError(table.file, "no row has a token to learn (\(counts))")
    }
    format = reader.format
    self.holdsConversations = holdsConversations
    joinsInstructions = format == .alpaca && encoder.chat == nil
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
    holdsConversations = false
    joinsInstructions = false
  }

  /// What is to be said aloud about how the rows were read.
  public var remarks: [String] {
    var remarks: [String] = []
    if joinsInstructions { remarks.append("\(source): \(Self.joinedRemark)") }
    if counts.partial > 0 { remarks.append("\(source): \(Self.partialRemark(counts.partial))") }
    return remarks
  }

  static let joinedRemark = """
    there is no chat template: the prompt is the instruction, and the input on the next line where there is one, then \
    --separator; the output is the completion
    """

  static func partialRemark(_ rows: Int) -> String {
    """
    in \(rows) row\(rows == 1 ? "" : "s") the chat template changes answers that others follow; only those that it writes \
    as they were said are learnt, the last one among them
    """
  }
}
