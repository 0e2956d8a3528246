/// The largest eigenvalues of a symmetric operator with their vectors, where only its products with vectors are known.
///
/// Davidson's method in blocks: within the span of all vectors so far the operator is decomposed exactly (Rayleigh and Ritz), and
/// the residuals `A x − θ x`, through an approximate inverse of `θ I − A`, extend the span. Without one it is a block Krylov
/// method. Davidson, "The Iterative Calculation of a Few of the Lowest Eigenvalues and Corresponding Eigenvectors of Large
/// Real-Symmetric Matrices", Journal of Computational Physics 17(1), 1975.
package struct LeadingEigenvectors {
  /// The eigenvalues, largest first.
  package let values: [Double]
  /// The eigenvectors as rows, `[count, size]`.
  package let rows: HostMatrix<Double>
  /// All approximate eigenvectors, as many as the first approximation has.
  package let block: HostMatrix<Double>
  /// Whether all residuals are within the tolerance.
  package let hasConverged: Bool

  /// How near is near enough.
  package struct Effort {
    /// The largest residual, as a share of the largest eigenvalue's size.
    package var tolerance: Double
    /// The most extensions of the span.
    package var rounds: Int

    package init(tolerance: Double, rounds: Int) {
      (self.tolerance, self.rounds) = (tolerance, rounds)
    }
  }

  /// Finds the `count` largest.
  ///
  /// - Parameters:
  ///   - start: rows that span the first approximation, at least `count`; more make it converge sooner.
  ///   - product: the operator's products with rows, `X A`.
  ///   - solve: residuals, a row each, through an approximate inverse for the eigenvalue of each; as they are where nil.
  /// - Throws: `LinearAlgebraError` where numbers are not finite or LAPACK does not converge.
  package init(
    _ count: Int, from start: HostMatrix<Double>, effort: Effort,
    product: (HostMatrix<Double>) -> HostMatrix<Double>,
    solve: ((HostMatrix<Double>, [Double]) -> HostMatrix<Double>)? = nil
  ) throws(LinearAlgebraError) {
    let (width, size) = (start.rows, start.columns)
    precondition(count <= width && width <= size, "\(count) of \(width) of \(size)")
    try LinearAlgebraLibrary.check()
    let most = min(size, max(6 * width, 48))
    var span = HostMatrix<Double>(zeros: 0, size)
    var images = HostMatrix<Double>(zeros: 0, size)
    var (added, round) = (try Self.orthonormal(start, beside: span), 0)
    while true {
      if span.rows + added.rows > most {
        // The best of the span, of which the images are known.
        let kept = try Self.ritz(span, images, min(2 * width, span.rows))
        (span, images) = (kept.vectors, kept.images)
        added = try Self.orthonormal(added, beside: span)
      }
      images = images.above(product(added))
      span = span.above(added)
      let found = try Self.ritz(span, images, min(width, span.rows))
      var residuals = found.images
      var norms: [Double] = []
      for row in 0..<residuals.rows {
        var sum = 0.0
        for place in row * size..<(row + 1) * size {
          residuals.elements[place] -= found.values[row] * found.vectors.elements[place]
          sum += residuals.elements[place] * residuals.elements[place]
        }
        norms.append(sum.squareRoot())
      }
      let limit = effort.tolerance * abs(found.values[0])
      let isNear = norms.prefix(count).allSatisfy { $0 <= limit } || span.rows == size
      // What has converged needs nothing more.
      let open = norms.indices.filter { norms[$0] > limit }
      if !isNear && round < effort.rounds {
        var rest = HostMatrix<Double>(zeros: 0, size)
        for row in open { rest = rest.above(residuals.rows(row..<row + 1)) }
        if let solve { rest = solve(rest, open.map { found.values[$0] }) }
        added = try Self.orthonormal(rest, beside: span)
        round += 1
        if added.rows > 0 { continue }
      }
      values = Array(found.values.prefix(count))
      (rows, block) = (found.vectors.rows(0..<count), found.vectors)
      hasConverged = isNear
      return
    }
  }

  /// The eigenvectors of the operator within a span, and their images.
  private static func ritz(
    _ span: HostMatrix<Double>, _ images: HostMatrix<Double>, _ count: Int
  ) throws(LinearAlgebraError) -> (
    values: [Double], vectors: HostMatrix<Double>, images: HostMatrix<Double>
  ) {
    var inner = images.multiplied(by: span.transposed)
    for row in 0..<inner.rows {
      for column in 0..<row {
        let mean = (inner[row, column] + inner[column, row]) / 2
        (inner[row, column], inner[column, row]) = (mean, mean)
      }
    }
    let eigen = try SymmetricEigenDecomposition(inner)
    let mix = eigen.vectors.columns(0..<count).transposed
    return (
      Array(eigen.values.prefix(count)), mix.multiplied(by: span), mix.multiplied(by: images)
    )
  }

  /// Orthonormal rows that span, with those of `span`, the same space; fewer where some depend on others.
  private static func orthonormal(
    _ rows: HostMatrix<Double>, beside span: HostMatrix<Double>
  ) throws(LinearAlgebraError) -> HostMatrix<Double> {
    var result = rows.normalized(least: 0)
    let columns = span.transposed
    // Once more, since what is subtracted may leave little but rounding.
    for _ in 0..<2 {
      if span.rows > 0 {
        result = result.subtracting(result.multiplied(by: columns).multiplied(by: span))
      }
      result = result.normalized(least: 1e-10)
      guard result.rows > 0 else { return result }
      let qr = try QRDecomposition(result.transposed)
      let kept = (0..<result.rows).filter { abs(qr.r[$0, $0]) > 1e-10 }
      let q = qr.q.transposed
      result = HostMatrix(zeros: 0, result.columns)
      for row in kept { result = result.above(q.rows(row..<row + 1)) }
    }
    return result
  }
}

extension HostMatrix<Double> {
  /// The rows with those of another matrix below them.
  fileprivate func above(_ other: HostMatrix<Double>) -> HostMatrix<Double> {
    HostMatrix(elements + other.elements, rows: rows + other.rows, columns: columns)
  }

  /// The rows at length 1, without those that are shorter than `least`.
  fileprivate func normalized(least: Double) -> HostMatrix<Double> {
    var numbers: [Double] = []
    var count = 0
    for row in 0..<rows {
      let part = elements[row * columns..<(row + 1) * columns]
      let length = part.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > least else { continue }
      numbers += part.map { $0 / length }
      count += 1
    }
    return HostMatrix(numbers, rows: count, columns: columns)
  }
}
