import Foundation

/// The mean and the spread of some values.
public struct SampleSummary: Hashable, Sendable {
  /// How many values there are.
  public let count: Int
  /// Their mean; not a number where there are none.
  public let mean: Double
  /// Their standard deviation, with `n − 1` in the divisor; not a number below two values.
  public let deviation: Double

  /// The summary of some values.
  public init(_ values: [Double]) {
    count = values.count
    let mean = values.isEmpty ? Double.nan : values.reduce(0, +) / Double(values.count)
    self.mean = mean
    deviation =
      values.count < 2
      ? .nan
      : (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
        .squareRoot()
  }

  /// The half width of the interval that holds the true mean with a probability, by Student's t.
  public func halfWidth(_ level: Double) -> Double {
    guard count > 1 else { return .nan }
    return StudentT(degrees: Double(count - 1)).critical(level) * deviation
      / Double(count).squareRoot()
  }
}
