/// What became of the rows of a file.
public struct ExampleCounts: Hashable, Sendable, CustomStringConvertible {
  /// The rows read.
  public var rows = 0
  /// Rows cut off at the greatest length, whether or not anything to learn was left.
  public var truncated = 0
  /// Rows left out because they have no text.
  public var empty = 0
  /// Rows left out because no token of theirs is learnt, most often a prompt as long as the greatest
  /// length.
  public var untrained = 0
  /// Conversations in which answers of the assistant are not learnt because the template changes them.
  public var partial = 0
  /// The tokens of the rows that are kept.
  public var tokens = 0
  /// Those of them that are learnt.
  public var trainedTokens = 0

  /// No rows.
  public init() {}

  /// The rows that are kept.
  public var kept: Int { rows - empty - untrained }

  mutating func keep(_ example: Example) {
    tokens += example.ids.count
    trainedTokens += example.trainedCount
  }

  /// The counts in one line; what did not occur is not mentioned.
  public var description: String {
    let losses = [
      (truncated, "truncated"), (empty, "empty and left out"),
      (untrained, "left out without a token to learn"), (partial, "learnt in part"),
    ]
    let parts = losses.filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }
    return "\(rows) row\(rows == 1 ? "" : "s")" + parts.joined()
      + ", \(tokens) tokens, \(trainedTokens) of them learnt"
  }
}
