/// How well one label is told from the others.
///
/// A share of nothing is 0, as in scikit-learn.
public struct LabelScores: Hashable, Sendable {
  /// Rows that have the label and were given it.
  public var truePositives = 0
  /// Rows that were given the label but do not have it.
  public var falsePositives = 0
  /// Rows that have the label but were not given it.
  public var falseNegatives = 0

  /// No rows.
  public init() {}

  /// The number of rows that have the label.
  public var support: Int { truePositives + falseNegatives }

  /// Whether the label was neither had nor given.
  public var isAbsent: Bool { support + falsePositives == 0 }

  /// The share of those with the label among those that were given it.
  public var precision: Double { share(truePositives, of: truePositives + falsePositives) }

  /// The share of those that were given the label among those that have it.
  public var recall: Double { share(truePositives, of: support) }

  /// The harmonic mean of precision and recall.
  public var f1: Double {
    share(2 * truePositives, of: 2 * truePositives + falsePositives + falseNegatives)
  }

  private func share(_ part: Int, of whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }
}

extension ConfusionMatrix {
  /// How well each class is told from the others.
  public var scores: [LabelScores] {
    zip(counts.indices, zip(support, predicted)).map { index, sums in
      var scores = LabelScores()
      scores.truePositives = counts[index][index]
      scores.falseNegatives = sums.0 - scores.truePositives
      scores.falsePositives = sums.1 - scores.truePositives
      return scores
    }
  }
}
