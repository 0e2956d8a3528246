import LowRankTensors

/// The leading eigenvectors of `C − τΩ`, with Ω the bending energy: directions of large variance that are smooth.
///
/// Small matrices are decomposed whole. Large ones are only multiplied with (``LeadingEigenvectors``): residuals through
/// `(θI + τΩ)⁻¹`, which leaves out C alone, lead to few products whatever τ.
package struct SmoothDirections {
  /// Directions of one covariance.
  package struct Found {
    /// λ₁.
    package let largest: Double
    /// The directions, one a row.
    package let rows: HostMatrix<Double>
    /// These and some more that have not converged, to begin the next search with.
    package let block: HostMatrix<Double>
  }

  /// The largest size that is decomposed whole.
  static let exactBelow = 256

  private let rank: Int
  private let penalty: BendingEnergy

  package init(_ rank: Int, of size: Int) { (self.rank, penalty) = (rank, BendingEnergy(size)) }

  /// The directions of a covariance C.
  ///
  /// - Parameters:
  ///   - weight: τ.
  ///   - block: what an earlier search found; random directions where nil.
  ///   - isFinal: whether they become an adapter's, not only a weight's loss, which has the square of their error.
  /// - Throws: `LinearAlgebraError`.
  package func found(
    in covariance: HostMatrix<Double>, weight: Double, from block: HostMatrix<Double>?,
    isFinal: Bool
  ) throws -> Found {
    let size = penalty.size
    let width = min(size, 2 * rank)
    guard size > max(Self.exactBelow, 8 * rank) else {
      var matrix = covariance
      if weight > 0 { matrix = matrix.subtracting(penalty.matrix.scaled(by: weight)) }
      let eigen = try SymmetricEigenDecomposition(matrix)
      let rows = eigen.vectors.columns(0..<width).transposed
      return Found(largest: eigen.values[0], rows: rows.rows(0..<rank), block: rows)
    }
    var start = block
    if start == nil {
      var random = Philox(key: 0)
      start = HostMatrix(
        (0..<width * size).map { _ in random.normal() }, rows: width, columns: size)
    }
    let leading = try LeadingEigenvectors(
      rank, from: start ?? HostMatrix(zeros: 0, size),
      effort: .init(tolerance: isFinal ? 1e-7 : 1e-4, rounds: isFinal ? 100 : 40),
      product: { rows in
        let seen = rows.multiplied(by: covariance)
        guard weight > 0 else { return seen }
        return seen.subtracting(penalty.applied(to: rows).scaled(by: weight))
      },
      solve: weight == 0
        ? nil
        : { residuals, values in
          let least = 1e-3 * abs(values.max() ?? 1)
          return penalty.solution(
            residuals, shifts: values.map { max($0, least) }, weight: weight)
        })
    return Found(largest: leading.values[0], rows: leading.rows, block: leading.block)
  }
}
