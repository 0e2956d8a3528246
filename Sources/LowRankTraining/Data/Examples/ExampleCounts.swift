/// What became of the rows of a file.
public struct ExampleCounts: Hashable, Sendable, CustomStringConvertible {
  /// The rows read.
  public var rows = 0
  /// Rows cut off at the greatest length, whether or not anything to learn was left.
  public var truncated = 0
  /// Rows left out because they have no text.
  public var empty = 0
  /// Rows left out because no token of theirs is trained, most often a prompt as long as the greatest
  /// length.
  public var untrained = 0
  /// Rows left out because they exclude all of their turns from training, by `weight` or `train`.
  public var marked = 0
  /// Conversations in which answers of the assistant are not trained because the template changes them.
  public var partial = 0
  /// Turns that kept rows exclude from training.
  public var markedTurns = 0
  /// Turns of speakers other than the assistant that rows mark as trained; they are not trained.
  public var strayMarks = 0
  /// Rows whose prompt runs into the completion, without anything between two words.
  public var glued = 0
  /// The words that run into each other in the first of those rows.
  public var firstSeam: String?
  /// The tokens of the rows that are kept.
  public var tokens = 0
  /// Those of them that are trained.
  public var trainedTokens = 0

  /// The characters that the tokenizer leaves out.
  public var lost = LostCharacters()

  /// No rows.
  public init() {}

  /// The rows that are kept.
  public var kept: Int { rows - empty - untrained - marked }

  mutating func keep(_ example: Example) {
    tokens += example.ids.count
    trainedTokens += example.trainedCount
  }

  /// Counts a row.
  mutating func add(_ row: ReadRow) {
    rows += 1
    if case .conversation(let conversation) = row.text { strayMarks += conversation.strayMarks }
    if row.encoded?.isTruncated == true { truncated += 1 }
    if let seam = row.seam {
      glued += 1
      firstSeam = firstSeam ?? seam
    }
    if let encoded = row.encoded { lost.add(encoded.lost, of: encoded.text) }
    if (row.encoded?.unplacedTurns ?? 0) > 0 { partial += 1 }
    switch row.fate {
    case .empty: empty += 1
    case .untrained: untrained += 1
    case .marked: marked += 1
    case .kept:
      markedTurns += row.encoded?.markedTurns ?? 0
      if let example = row.encoded?.example { keep(example) }
    }
  }

  /// The counts in one line; what did not occur is not mentioned.
  public var description: String {
    let losses = [
      (truncated, "truncated"), (empty, "empty and left out"),
      (untrained, "left out without a trained token"),
      (marked, "left out as weight or train excludes every turn"), (partial, "trained in part"),
    ]
    let parts = losses.filter { $0.0 > 0 }.map { ", \($0.0) \($0.1)" }
    return "\(rows) row\(rows == 1 ? "" : "s")" + parts.joined()
      + ", \(tokens) tokens, \(trainedTokens) of them trained"
  }
}
