import LowRankCompression
import LowRankTensors

/// Leading singular directions of the adapted weight that the weight itself does not have.
///
/// Vector j of `W + ΔW`, j < k, is an intruder where `maxᵢ |⟨uⱼ(W + ΔW), uᵢ(W)⟩| < ε`. They come with forgetting of what
/// the base had learned. LoRA vs Full Fine-tuning: An Illusion of Equivalence, arXiv 2410.21228.
public struct IntruderDimensions: Sendable {
  /// One leading direction of W + ΔW.
  public struct Direction: Hashable, Sendable {
    /// Its number, from 0.
    public let index: Int
    /// σ of W + ΔW.
    public let value: Double
    /// The largest |cosine| with a left singular vector of W.
    public let similarity: Double
    /// Whether that is below ε.
    public let isIntruder: Bool
  }

  /// The k leading directions.
  public let directions: [Direction]
  private let left: HostMatrix<Double>
  private let right: HostMatrix<Double>

  /// The intruders.
  public var intruders: [Direction] { directions.filter(\.isIntruder) }

  /// Looks at the leading directions of a weight `[outputs, inputs]` with an update.
  ///
  /// - Parameters:
  ///   - count: k.
  ///   - threshold: ε.
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  public init(
    of update: UpdateDecomposition, in weight: HostMatrix<Double>, count: Int = 10,
    threshold: Double = 0.5
  ) throws(LinearAlgebraError) {
    var scaled = update.left
    for row in 0..<scaled.rows {
      for column in 0..<scaled.columns { scaled[row, column] *= update.values[column] }
    }
    var adapted = scaled.multiplied(by: update.right)
    for index in adapted.elements.indices { adapted.elements[index] += weight.elements[index] }
    let after = try LeadingSingularVectors(count, of: adapted)
    let cosines = try Self.cosines(of: after.left, in: weight)
    directions = after.values.indices.map { index in
      let largest = (0..<cosines.rows).reduce(0) { max($0, abs(cosines[$1, index])) }
      return Direction(
        index: index, value: after.values[index], similarity: largest,
        isIntruder: largest < threshold)
    }
    (left, right) = (after.left, after.right)
  }

  /// The cosines of directions, as columns, with the left singular vectors of a weight, a row for each of these.
  ///
  /// The eigenvectors of the smaller of `W Wᵀ` and `WᵀW` give them for a fraction of a singular value decomposition's work:
  /// the first are the left singular vectors, and `⟨uᵢ, a⟩ = ⟨vᵢ, Wᵀa⟩ / σᵢ` with the second. Directions in which W has
  /// nothing beyond rounding count as none.
  private static func cosines(
    of directions: HostMatrix<Double>, in weight: HostMatrix<Double>
  ) throws(LinearAlgebraError) -> HostMatrix<Double> {
    let transposed = weight.transposed
    guard weight.rows > weight.columns else {
      return try SymmetricEigenDecomposition(weight.multiplied(by: transposed)).vectors.transposed
        .multiplied(by: directions)
    }
    let eigen = try SymmetricEigenDecomposition(transposed.multiplied(by: weight))
    var cosines = eigen.vectors.transposed.multiplied(by: transposed.multiplied(by: directions))
    let least = 1e-7 * max(0, eigen.values.first ?? 0).squareRoot()
    for row in 0..<cosines.rows {
      let size = max(0, eigen.values[row]).squareRoot()
      for column in 0..<cosines.columns {
        cosines[row, column] = size > least ? cosines[row, column] / size : 0
      }
    }
    return cosines
  }

  /// The update with its intruders scaled by λ, of a rank that is higher by their number.
  ///
  /// `ΔW' = ΔW + (λ − 1) Σ_j σⱼ uⱼ vⱼᵀ` over the intruders.
  /// - Throws: `LinearAlgebraError` where LAPACK does not converge.
  public func mitigating(_ update: UpdateDecomposition, factor: Double) throws(LinearAlgebraError)
    -> UpdateDecomposition
  {
    let rank = update.values.count
    let found = intruders
    var up = HostMatrix<Double>(zeros: update.left.rows, rank + found.count)
    var down = HostMatrix<Double>(zeros: rank + found.count, update.right.columns)
    func add(
      _ column: Int, _ value: Double, _ left: HostMatrix<Double>, _ right: HostMatrix<Double>,
      from index: Int
    ) {
      for row in 0..<up.rows { up[row, column] = value * left[row, index] }
      for entry in 0..<down.columns { down[column, entry] = right[index, entry] }
    }
    for index in 0..<rank {
      add(index, update.values[index], update.left, update.right, from: index)
    }
    for (offset, intruder) in found.enumerated() {
      add(rank + offset, (factor - 1) * intruder.value, left, right, from: intruder.index)
    }
    return try UpdateDecomposition(path: update.path, up: up, down: down)
  }
}
