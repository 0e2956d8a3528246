import Foundation

/// How far a variant is from the baseline, by the differences of runs with the same seed (paired t test).
public struct PairedDifference: Hashable, Sendable {
  /// The mean difference, variant less baseline.
  public let mean: Double
  /// The ends of the interval that holds the true difference with a probability; not numbers below two pairs.
  public let low, high: Double
  /// The probability of such a mean, or one farther from 0, if there were no difference; not a number below two pairs.
  public let probability: Double
  /// The number of pairs.
  public let count: Int

  /// The difference of two lists of the same length.
  ///
  /// - Parameter level: the probability of the interval.
  public init(_ variant: [Double], against baseline: [Double], level: Double = 0.95) {
    precondition(variant.count == baseline.count, "\(variant.count) and \(baseline.count) values")
    let summary = SampleSummary(zip(variant, baseline).map { $0 - $1 })
    (mean, count) = (summary.mean, summary.count)
    let half = summary.halfWidth(level)
    (low, high) = (mean - half, mean + half)
    guard summary.count > 1 else {
      probability = .nan
      return
    }
    let error = summary.deviation / Double(summary.count).squareRoot()
    // Equal differences leave no doubt, and equal runs no difference.
    probability =
      error > 0
      ? StudentT(degrees: Double(summary.count - 1)).twoSided(summary.mean / error)
      : summary.mean == 0 ? 1 : 0
  }
}
