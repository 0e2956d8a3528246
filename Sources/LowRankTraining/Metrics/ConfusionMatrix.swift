/// How often rows of each true class were predicted as each class.
public struct ConfusionMatrix: Hashable, Sendable {
  /// `counts[truth][predicted]`, the number of rows of a true class that were predicted as a class.
  public private(set) var counts: [[Int]]

  /// A matrix of so many classes, without rows.
  public init(classes: Int) {
    precondition(classes > 0, "\(classes) classes")
    counts = Array(repeating: Array(repeating: 0, count: classes), count: classes)
  }

  /// Counts a row.
  public mutating func add(truth: Int, predicted: Int) { counts[truth][predicted] += 1 }

  /// The number of classes.
  public var classes: Int { counts.count }

  /// The number of rows.
  public var total: Int { counts.joined().reduce(0, +) }

  /// The number of rows that were predicted right.
  public var correct: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }

  /// The number of rows of each true class.
  public var support: [Int] { counts.map { $0.reduce(0, +) } }

  /// The number of rows that were predicted as each class.
  public var predicted: [Int] {
    counts.indices.map { column in counts.reduce(0) { $0 + $1[column] } }
  }

  /// The share of rows that were predicted right; NaN without rows.
  public var accuracy: Double { Double(correct) / Double(total) }
}
