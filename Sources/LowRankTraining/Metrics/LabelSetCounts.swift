/// How often sets of labels were right.
public struct LabelSetCounts: Hashable, Sendable {
  /// How well each label is told.
  public private(set) var scores: [LabelScores]
  /// The number of rows.
  public private(set) var rows = 0
  /// The number of rows all of whose labels are right, and none too many.
  public private(set) var exact = 0

  /// No rows, with some labels to choose from.
  public init(labels: Int) {
    precondition(labels > 0, "\(labels) labels")
    scores = Array(repeating: LabelScores(), count: labels)
  }

  /// Counts a row.
  public mutating func add(truth: [Int], predicted: [Int]) {
    let (had, given) = (Set(truth), Set(predicted))
    for label in had.intersection(given) { scores[label].truePositives += 1 }
    for label in given.subtracting(had) { scores[label].falsePositives += 1 }
    for label in had.subtracting(given) { scores[label].falseNegatives += 1 }
    rows += 1
    if had == given { exact += 1 }
  }

  /// The share of rows all of whose labels are right, and none too many; not a number without rows.
  public var subsetAccuracy: Double { Double(exact) / Double(rows) }
}
