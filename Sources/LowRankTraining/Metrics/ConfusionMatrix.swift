/// How often rows of each class were given each class.
public struct ConfusionMatrix: Hashable, Sendable {
  /// The number of rows of each true class, in the row, that were given each class, in the column.
  public private(set) var counts: [[Int]]

  /// No rows of some classes.
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

  /// The number of rows whose class is right.
  public var correct: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }

  /// How many rows are of each class.
  public var support: [Int] { counts.map { $0.reduce(0, +) } }

  /// How many rows were given each class.
  public var predicted: [Int] {
    counts.indices.map { column in counts.reduce(0) { $0 + $1[column] } }
  }

  /// The share of rows whose class is right; not a number without rows.
  public var accuracy: Double { Double(correct) / Double(total) }
}
