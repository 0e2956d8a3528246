/// Precision, recall and F1 of several labels in one.
public struct ScoreAverage: Hashable, Sendable {
  /// The share of those with the label among those that were given it.
  public let precision: Double
  /// The share of those that were given the label among those that have it.
  public let recall: Double
  /// The F1 score.
  public let f1: Double

  /// The mean over labels; 0 of none.
  public static func macro(_ scores: [LabelScores]) -> Self {
    Self(scores) { _ in 1 }
  }

  /// The mean over labels, each as often as rows have it; 0 where none has any.
  public static func weighted(_ scores: [LabelScores]) -> Self {
    Self(scores) { Double($0.support) }
  }

  /// The scores of all decisions taken together.
  public static func micro(_ scores: [LabelScores]) -> Self {
    var sum = LabelScores()
    for one in scores {
      sum.truePositives += one.truePositives
      sum.falsePositives += one.falsePositives
      sum.falseNegatives += one.falseNegatives
    }
    return macro([sum])
  }

  private init(_ scores: [LabelScores], weight: (LabelScores) -> Double) {
    let total = scores.reduce(0) { $0 + weight($1) }
    func mean(_ value: (LabelScores) -> Double) -> Double {
      total == 0 ? 0 : scores.reduce(0) { $0 + weight($1) * value($1) } / total
    }
    precision = mean(\.precision)
    recall = mean(\.recall)
    f1 = mean(\.f1)
  }
}
