import Foundation

/// The regularised incomplete beta function `I_x(a, b)`, from which the distribution of Student's t follows.
enum IncompleteBeta {
  /// `I_x(a, b)` for `a, b > 0` and `0 ≤ x ≤ 1`, by the continued fraction of DLMF 8.17.22, which Lentz's method evaluates.
  static func value(_ x: Double, _ a: Double, _ b: Double) -> Double {
    precondition(a > 0 && b > 0 && (0...1).contains(x), "I_\(x)(\(a), \(b)) is not defined")
    guard x > 0, x < 1 else { return x }
    // The fraction converges fast below the mean; above it, the symmetry I_x(a, b) = 1 − I_{1−x}(b, a) helps.
    guard x <= (a + 1) / (a + b + 2) else { return 1 - value(1 - x, b, a) }
    let logarithm = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    return exp(logarithm) / (a * fraction(x, a, b))
  }

  /// The value of `1 + d₁/(1 + d₂/(1 + …))`.
  private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    var (result, c, d) = (1.0, 1.0, 0.0)
    for index in 1...2000 {
      let m = Double(index / 2)
      let term =
        index.isMultiple(of: 2)
        ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 + term * d
      if abs(d) < tiny { d = tiny }
      c = 1 + term / c
      if abs(c) < tiny { c = tiny }
      d = 1 / d
      result *= c * d
      if abs(c * d - 1) < 1e-16 { break }
    }
    return result
  }
}
