import LowRankKeys
import LowRankProgress

/// What became of the rows of a file of preferences.
public struct PreferenceCounts: Hashable, Sendable, CustomStringConvertible {
  /// The rows read.
  public var rows = 0
  /// Rows of which an answer is cut off at the greatest length.
  public var truncated = 0
  /// Rows left out because the prompt alone has the greatest length.
  public var filled = 0
  /// Rows left out because their answers are the same up to the greatest length, or have no token.
  public var same = 0
  /// Rows in which the end of the prompt becomes other tokens before an answer.
  public var merged = 0
  /// The tokens of the rows that are kept, those of prompts once for each answer.
  public var tokens = 0
  /// Those of them that belong to answers.
  public var trainedTokens = 0
  /// The characters that the tokenizer leaves out.
  public var lost = LostCharacters()

  /// The rows that are kept.
  public var kept: Int { rows - filled - same }

  /// Counts a row.
  mutating func add(_ encoded: EncodedPreference) {
    rows += 1
    for side in encoded.sides { lost.add(side.lost, of: side.text) }
    if encoded.isTruncated { truncated += 1 }
    if encoded.isMerged { merged += 1 }
    guard let example = encoded.example else {
      if encoded.isFilled { filled += 1 } else { same += 1 }
      return
    }
    tokens += example.sides.reduce(0) { $0 + $1.ids.count }
    trainedTokens += example.sides.reduce(0) { $0 + $1.trainedCount }
  }

  /// The counts in one line; what did not occur is not mentioned.
  public var description: String {
    let losses = [
      (truncated, "truncated"), (filled, "left out, whose prompts fill the length"),
      (same, "left out, whose answers do not differ within the length"),
    ]
    let parts = losses.filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }
    return "\(rows) row\(rows == 1 ? "" : "s")" + parts.joined()
      + ", \(tokens) tokens, \(trainedTokens) of them of answers"
  }
}

/// Reads the rows of a file of preferences one by one.
struct PreferenceReader {
  /// The rows.
  let table: DataTable
  private let encoder: ExampleEncoder
  private let reader: PreferenceRowReader

  /// Opens the files of a split.
  init(
    of split: DataSplit, encoder: ExampleEncoder, isPaired: Bool, columns: TextColumns,
    label: String?
  ) throws {
    table = try DataTable(of: split)
    self.encoder = encoder
    reader = try PreferenceRowReader(
      for: table, isPaired: isPaired, columns: columns, label: label)
  }

  /// Reads a row and encodes it.
  ///
  /// - Throws: `DataError` with the row's place where it is not as expected, and what the tokenizer throws.
  func read(_ row: DataRow) throws -> (row: PreferenceRow, encoded: EncodedPreference) {
    let preference = try reader.preference(of: row)
    do {
      return (preference, try encoder.preference(preference))
    } catch let error as ConversationError {
      throw DataError(table.place(of: row), error.description)
    }
  }

  /// Remarks on how the file is read.
  var remarks: [String] { table.remarks + [reader.remark].compactMap { $0 } }

  /// What hardly anybody wants of the rows, given what became of them.
  func warnings(_ counts: PreferenceCounts) -> [String] {
    var warnings = [
      ReadingWarnings.truncation(counts.truncated, of: counts.rows, at: encoder.maxLength)
    ].compactMap { $0 }
    if counts.filled > 0 {
      warnings.append(
        "in \(counts.filled) of \(counts.rows) rows the prompt alone fills \(encoder.maxLength) tokens, so no answer is left; they are left out"
      )
    }
    if counts.merged > 0 {
      warnings.append(
        "in \(counts.merged) of \(counts.rows) rows the end of the prompt becomes other tokens before an answer; there the answer begins earlier"
      )
    }
    return warnings
  }
}

/// The rows of a split of preferences as examples.
public struct PreferenceExamples: Sendable {
  /// Where they come from, for messages.
  public let source: String
  /// The examples in the order of the file.
  public let examples: [PreferenceExample]
  /// The row of each example in the file, counted from 1.
  public let rowNumbers: [Int]
  /// What became of the rows.
  public let counts: PreferenceCounts
  /// Whether a chat template wrote any of the rows.
  public let holdsConversations: Bool
  /// Remarks on how the rows were read.
  public let remarks: [String]
  /// What hardly anybody wants of the rows.
  public let warnings: [String]

  /// Reads the files of a split; rows that cannot be learned from are left out and counted.
  ///
  /// - Parameters:
  ///   - isPaired: whether rows have two answers.
  ///   - label: the column that says whether the only answer is good; nil for `label`.
  /// - Throws: `DataError` where a row is not as expected, or where none is left.
  public init(
    of split: DataSplit, encoder: ExampleEncoder, isPaired: Bool,
    columns: TextColumns = TextColumns(), label: String? = nil
  ) throws {
    let reader = try PreferenceReader(
      of: split, encoder: encoder, isPaired: isPaired, columns: columns, label: label)
    let table = reader.table
    var counts = PreferenceCounts()
    var (examples, rowNumbers): ([PreferenceExample], [Int]) = ([], [])
    var holdsConversations = false
    let work = Work("encoding \(table.file)", of: table.rows.count)
    defer { work.end() }
    for row in table.rows {
      let (preference, encoded) = try reader.read(row)
      work.advance()
      counts.add(encoded)
      if case .turns = preference.content { holdsConversations = true }
      guard let example = encoded.example else { continue }
      examples.append(example)
      rowNumbers.append(counts.rows)
    }
    guard !examples.isEmpty else {
      throw DataError(
        table.file,
        "no row is left to learn from (\(counts)); \(setting: "max_seq_length") is the number of tokens that are kept"
      )
    }
    source = table.file
    (self.examples, self.rowNumbers, self.counts) = (examples, rowNumbers, counts)
    self.holdsConversations = holdsConversations
    remarks = reader.remarks.map { "\(table.file): \($0)" }
    warnings = reader.warnings(counts).map { "\(table.file): \($0)" }
  }
}
