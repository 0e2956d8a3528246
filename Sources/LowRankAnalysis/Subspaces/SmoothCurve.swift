import Foundation

/// Numbers along a line, smoothed by a penalty on second differences: the discrete form of a cubic smoothing spline.
///
/// `f = argmin ‖y − f‖² + λ ‖D²f‖²`. In the basis of the discrete cosine transform, `f̂ᵢ = ŷᵢ / (1 + λ (2 − 2cos(πi/n))²)`, and λ is
/// the whole or half power of ten that makes the generalised cross-validation `n Σ(y − f)² / (n − tr H)²` least. Garcia, "Robust smoothing of
/// gridded data in one and higher dimensions with missing values", Computational Statistics and Data Analysis 54(4), 2010.
public struct SmoothCurve: Hashable, Sendable {
  /// The smoothed numbers.
  public let values: [Double]
  /// λ.
  public let smoothing: Double
  /// The share of the variance that is left: 1 where nothing was smoothed away.
  public let kept: Double

  /// Smooths some numbers, at least one.
  public init(_ numbers: [Double]) {
    let count = numbers.count
    let transform = Self.cosines(numbers)
    let bending = (0..<count).map { pow(2 - 2 * cos(.pi * Double($0) / Double(count)), 2) }
    var (best, least) = (0.0, Double.infinity)
    for exponent in stride(from: -2.0, through: 8, by: 0.5) {
      let weight = pow(10, exponent)
      var (rest, trace) = (0.0, 0.0)
      for (number, size) in zip(transform, bending) {
        let gain = 1 / (1 + weight * size)
        rest += pow((1 - gain) * number, 2)
        trace += gain
      }
      let score = Double(count) * rest / pow(Double(count) - trace + 1e-12, 2)
      if score < least { (best, least) = (weight, score) }
    }
    let smoothed = zip(transform, bending).map { $0 / (1 + best * $1) }
    values = Self.numbers(of: smoothed)
    smoothing = best
    let energy = transform.dropFirst().reduce(0) { $0 + $1 * $1 }
    kept = energy > 0 ? smoothed.dropFirst().reduce(0) { $0 + $1 * $1 } / energy : 1
  }

  /// The orthonormal discrete cosine transform (type II).
  private static func cosines(_ numbers: [Double]) -> [Double] {
    let count = numbers.count
    let table = self.table(count)
    return (0..<count).map { index in
      let scale = (index == 0 ? 1 : 2) / Double(count)
      let sum = numbers.indices.reduce(0) {
        $0 + numbers[$1] * table[(2 * $1 + 1) * index % (4 * count)]
      }
      return scale.squareRoot() * sum
    }
  }

  /// Its inverse.
  private static func numbers(of transform: [Double]) -> [Double] {
    let count = transform.count
    let table = self.table(count)
    return (0..<count).map { place in
      transform.indices.reduce(0) { sum, index in
        let scale = (index == 0 ? 1 : 2) / Double(count)
        return sum + scale.squareRoot() * transform[index]
          * table[(2 * place + 1) * index % (4 * count)]
      }
    }
  }

  /// `cos(πk / 2n)` for k below 4n.
  private static func table(_ count: Int) -> [Double] {
    (0..<4 * count).map { cos(.pi * Double($0) / Double(2 * count)) }
  }
}
