/// How well each label is told, and what it is taken for.
public struct ClassificationReport: Hashable, Sendable {
  /// The labels.
  public let labels: LabelMap
  /// How well each is told, in the order of their numbers.
  public let scores: [LabelScores]
  /// The number of rows.
  public let rows: Int
  /// The share of rows that are right altogether.
  public let accuracy: Double
  /// What each class was taken for; none where a row may have several labels.
  public let confusion: ConfusionMatrix?

  /// The report of rows that have one class each.
  public init(_ matrix: ConfusionMatrix, labels: LabelMap) {
    precondition(
      matrix.classes == labels.count, "\(matrix.classes) classes, \(labels.count) labels")
    self.labels = labels
    scores = matrix.scores
    rows = matrix.total
    accuracy = matrix.accuracy
    confusion = matrix
  }

  /// The report of rows that have any number of labels.
  public init(_ counts: LabelSetCounts, labels: LabelMap) {
    precondition(
      counts.scores.count == labels.count, "\(counts.scores.count) scores, \(labels.count) labels")
    self.labels = labels
    scores = counts.scores
    rows = counts.rows
    accuracy = counts.subsetAccuracy
    confusion = nil
  }

  /// The averages by name.
  ///
  /// Where a row has one class, classes that are neither had nor given do not
  /// count, and there is no micro average, which would be the accuracy.
  public var averages: [(name: String, scores: ScoreAverage)] {
    let counted = confusion == nil ? scores : scores.filter { !$0.isAbsent }
    let means: [(name: String, scores: ScoreAverage)] = [
      ("macro", .macro(counted)), ("weighted", .weighted(counted)),
    ]
    return confusion == nil ? [("micro", .micro(counted))] + means : means
  }

  /// The pairs of classes that were taken for each other most often, the most frequent first.
  public func confusions(atMost count: Int) -> [(truth: Int, predicted: Int, rows: Int)] {
    guard let counts = confusion?.counts else { return [] }
    let wrong = counts.indices.flatMap { truth in
      counts.indices.filter { $0 != truth && counts[truth][$0] > 0 }
        .map { (truth: truth, predicted: $0, rows: counts[truth][$0]) }
    }
    return Array(
      wrong.sorted { ($1.rows, $0.truth, $0.predicted) < ($0.rows, $1.truth, $1.predicted) }
        .prefix(count))
  }
}
