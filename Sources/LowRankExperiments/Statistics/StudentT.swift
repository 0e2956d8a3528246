import Foundation

/// Student's t distribution.
public struct StudentT: Hashable, Sendable {
  /// The degrees of freedom, above 0.
  public let degrees: Double

  /// A distribution with some degrees of freedom.
  public init(degrees: Double) {
    precondition(degrees > 0, "\(degrees) degrees of freedom")
    self.degrees = degrees
  }

  /// The probability that `|T|` is at least `|t|`: `I_{ν/(ν+t²)}(ν/2, 1/2)`.
  public func twoSided(_ t: Double) -> Double {
    guard t.isFinite else { return t.isNaN ? .nan : 0 }
    return IncompleteBeta.value(degrees / (degrees + t * t), degrees / 2, 0.5)
  }

  /// The t whose interval `[−t, t]` has a probability.
  ///
  /// - Parameter level: the probability, above 0 and below 1, as 0.95.
  public func critical(_ level: Double) -> Double {
    precondition(level > 0 && level < 1, "an interval of probability \(level)")
    var (low, high) = (0.0, 1.0)
    while twoSided(high) > 1 - level { high *= 2 }
    for _ in 0..<200 {
      let middle = (low + high) / 2
      guard middle > low, middle < high else { break }
      if twoSided(middle) > 1 - level { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
