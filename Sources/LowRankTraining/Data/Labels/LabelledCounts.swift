/// What became of the rows of a file with labels.
public struct LabelledCounts: Hashable, Sendable, CustomStringConvertible {
  /// The rows read.
  public var rows = 0
  /// Rows that lost tokens because they were longer than the greatest length.
  public var truncated = 0
  /// Rows left out because they have no text.
  public var empty = 0
  /// The tokens of the rows that are kept.
  public var tokens = 0

  /// The characters that the tokenizer leaves out.
  public var lost = LostCharacters()

  /// No rows.
  public init() {}

  /// What is said of rows that lost tokens; nil if none did.
  ///
  /// - Parameter length: the most tokens of a row.
  public func truncationWarning(at length: Int) -> String? {
    ReadingWarnings.truncation(truncated, of: rows, at: length)
  }

  /// The rows that are kept.
  public var kept: Int { rows - empty }

  /// The counts in one line; what did not occur is not mentioned.
  public var description: String {
    let losses = [(truncated, "truncated"), (empty, "empty and left out")]
    let parts = losses.filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }
    return "\(rows) row\(rows == 1 ? "" : "s")" + parts.joined() + ", \(tokens) tokens"
  }
}
