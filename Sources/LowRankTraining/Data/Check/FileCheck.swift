import LowRankCheckpoints

/// What a run would make of a data file.
public struct FileCheck: Sendable {
  /// The path of the file as it was given.
  public internal(set) var file: String
  /// What rows are counted by, "line" or "row".
  public let unit: String
  /// What the rows hold: a ``RowFormat``, or the task that their labels are for.
  public let format: String
  /// The columns of texts and label, where rows have labels.
  public internal(set) var columns: ColumnChoice?
  /// The labels, where rows have some, in their order.
  var labelNames: [String] = []
  /// The columns of the text, or of prompt and completion, if they are not the format's own; empty for rows with
  /// labels.
  public internal(set) var textColumns = TextColumns()
  /// Whether training uses the file; errors in a file that it does not use stop no run.
  public var isUsed = true
  /// What would stop a run besides single rows; nil if nothing would.
  public var problem: String?
  /// Whether a chat template wrote any of the rows.
  public internal(set) var holdsConversations = false
  /// Some rows token by token.
  public internal(set) var views: [RowView] = []
  /// What is to be said about how rows are read.
  public var remarks: [String] = []
  /// What hardly anybody wants of the rows, in addition to what their counts say.
  public internal(set) var warnings: [String] = []
  /// The characters that the tokenizer leaves out.
  public internal(set) var lost = LostCharacters()
  /// How the vocabulary spells the token of what it lacks; nil if it has none.
  public internal(set) var unknownName: String?
  /// Whether rows have tokens that are trained.
  let isCausal: Bool
  private(set) var rows: [CheckedRow]

  init(file: String, unit: String, format: String, isCausal: Bool, rows: [CheckedRow]) {
    self.file = file
    self.unit = unit
    self.format = format
    self.isCausal = isCausal
    self.rows = rows
  }

  /// How often each label occurs in the rows that a run would use, in the order of the labels.
  public var labels: [(name: String, rows: Int)] {
    var counts = [Int](repeating: 0, count: labelNames.count)
    for row in rows where isKept(row) { for label in row.labels { counts[label] += 1 } }
    return Array(zip(labelNames, counts)).map { (name: $0, rows: $1) }
  }

  /// Divides the rows that a run would use into those to train on and those to evaluate on.
  ///
  /// Rows that a run would not use stay with those to train on.
  /// - Throws: `DataError` if there are too few.
  public func divided(by share: ValidShare) throws(DataError) -> (
    train: FileCheck, valid: FileCheck
  ) {
    let kept = rows.indices.filter { isKept(rows[$0]) }
    let labels = labelNames.isEmpty ? nil : kept.map { rows[$0].labels }
    let places = try share.rows(of: kept.count, labels: labels, at: file).map { kept[$0] }
    let chosen = Set(places)
    var (train, valid) = (self, self)
    train.rows = rows.indices.filter { !chosen.contains($0) }.map { rows[$0] }
    valid.rows = places.map { rows[$0] }
    valid.file = "\(file), rows kept for evaluation"
    valid.views = []
    valid.remarks = []
    // They were counted together and are reported once.
    valid.warnings = []
    valid.lost = LostCharacters()
    return (train, valid)
  }

  /// The rows of the file.
  public var rowCount: Int { rows.count }
  /// The rows that a run would use.
  public var kept: Int { rows.count { isKept($0) } }
  /// The rows without a text.
  public var empty: Int { rows.count { $0.isEmpty } }
  /// The rows that would stop a run.
  public var refused: Int { rows.count { $0.refusal != nil } }
  /// Why they would, each reason with the first row it holds for, and how many others; after five reasons, how many more.
  public var refusals: [String] {
    var counts: [ExactText: Int] = [:]
    let errors = rows.compactMap(\.refusal)
    for error in errors { counts[ExactText(error.problem), default: 0] += 1 }
    var seen: Set<ExactText> = []
    let reasons = errors.filter { seen.insert(ExactText($0.problem)).inserted }
    let more = reasons.count > 5 ? ["\(file): and \(reasons.count - 5) more reasons"] : []
    return reasons.prefix(5).map { error in
      let others = (counts[ExactText(error.problem)] ?? 1) - 1
      return error.description
        + (others > 0 ? " (and \(others) row\(others == 1 ? "" : "s") more)" : "")
    } + more
  }
  /// The rows that are cut off.
  public var truncated: Int { rows.count { $0.isTruncated } }
  /// The rows that have a text but no trained tokens, without those that exclude themselves from training.
  public var untrained: Int {
    isCausal
      ? rows.count { !$0.isEmpty && !$0.isMarked && $0.refusal == nil && $0.trained == 0 } : 0
  }
  /// The rows that exclude all of their turns from training, by `weight` or `train`.
  public var marked: Int { rows.count { $0.isMarked } }
  /// The turns of conversations that their rows exclude from training.
  public var markedTurns: Int { rows.reduce(0) { $0 + $1.markedTurns } }
  /// The conversations in which answers are not trained because the template changes them.
  public var partial: Int { rows.count { $0.isPartial } }
  /// The rows of which the last thing that is trained, though nothing is cut off, is no token that ends a text or a turn.
  public var unended: [Int] { rows.filter { isKept($0) && $0.isUnended }.map(\.number) }
  /// The tokens of the rows that are kept.
  public var tokens: Int { rows.reduce(0) { $0 + (isKept($1) ? $1.tokens : 0) } }
  /// Those of them that are trained.
  public var trainedTokens: Int { rows.reduce(0) { $0 + $1.trained } }
  /// The tokens of the rows that are kept which stand for something that the vocabulary lacks.
  public var unknownTokens: Int { rows.reduce(0) { $0 + (isKept($1) ? $1.unknown : 0) } }
  /// How long rows are before anything is cut off.
  public var lengths: LengthStatistics {
    LengthStatistics(rows.filter { $0.length > 0 }.map(\.length))
  }
  /// The longest rows, longest first.
  public var longest: [(row: Int, length: Int)] {
    rows.filter { $0.length > 0 }.sorted { ($1.length, $0.number) < ($0.length, $1.number) }
      .prefix(3).map { ($0.number, $0.length) }
  }
  /// The rows that say the same as an earlier one, with that one.
  public var duplicates: [(row: Int, first: Int)] {
    var first: [MurmurHash3: Int] = [:]
    return rows.compactMap { row in
      guard !row.isEmpty, let key = row.key else { return nil }
      guard let earlier = first[key] else {
        first[key] = row.number
        return nil
      }
      return (row.number, earlier)
    }
  }

  /// The rows that say the same as a row of another file, with the first such row there.
  public func shared(with other: FileCheck) -> [(row: Int, other: Int)] {
    var first: [MurmurHash3: Int] = [:]
    for row in other.rows where !row.isEmpty {
      guard let key = row.key, first[key] == nil else { continue }
      first[key] = row.number
    }
    return rows.compactMap { row in
      row.isEmpty ? nil : row.key.flatMap { first[$0] }.map { (row.number, $0) }
    }
  }

  private func isKept(_ row: CheckedRow) -> Bool {
    !row.isEmpty && row.refusal == nil && (row.trained > 0 || !isCausal)
  }
}
