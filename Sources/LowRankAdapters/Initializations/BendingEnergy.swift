import LowRankTensors

/// The bending energy of the natural cubic spline through numbers at unit distances, `Ω = Q R⁻¹ Qᵀ`.
///
/// Column j of Q `[n, n − 2]` takes the second difference of three neighbours, and R has 2/3 on its diagonal and 1/6 beside it.
/// Products and solutions take a number of operations in proportion to n. Reinsch, "Smoothing by Spline Functions", Numerische
/// Mathematik 10, 1967.
package struct BendingEnergy {
  /// n.
  package let size: Int
  /// R's factors, `R = L D Lᵀ`: D, and L's numbers below its diagonal.
  private let factor: BandFactor

  package init(_ size: Int) {
    self.size = size
    let inner = max(0, size - 2)
    factor = BandFactor(
      diagonal: [Double](repeating: 2.0 / 3, count: inner), next: 1.0 / 6, afterNext: 0)
  }

  /// The matrix.
  package var matrix: HostMatrix<Double> {
    var unit = HostMatrix<Double>(zeros: size, size)
    for index in 0..<size { unit[index, index] = 1 }
    return applied(to: unit)
  }

  /// `X Ω` of rows X.
  package func applied(to rows: HostMatrix<Double>) -> HostMatrix<Double> {
    eachRow(rows) { row, _ in
      let inner = factor.solution(differences(of: row))
      return spread(inner)
    }
  }

  /// `x (σI + τΩ)⁻¹` of rows x, with a σ for each.
  ///
  /// It is `(x − Q ((σ/τ) R + QᵀQ)⁻¹ Qᵀ x) / σ`, of which the inner matrix has five diagonals (Reinsch).
  package func solution(_ rows: HostMatrix<Double>, shifts: [Double], weight: Double) -> HostMatrix<
    Double
  > {
    let inner = max(0, size - 2)
    return eachRow(rows) { row, index in
      let share = shifts[index] / weight
      let band = BandFactor(
        diagonal: [Double](repeating: 6 + share * 2 / 3, count: inner), next: share / 6 - 4,
        afterNext: 1)
      let bent = spread(band.solution(differences(of: row)))
      return zip(row, bent).map { (whole: Double, part: Double) in (whole - part) / shifts[index] }
    }
  }

  /// `Qᵀ x`.
  private func differences(of x: [Double]) -> [Double] {
    guard size > 2 else { return [] }
    var result = [Double](repeating: 0, count: size - 2)
    for index in result.indices {
      let ends: Double = x[index] + x[index + 2]
      result[index] = ends - 2 * x[index + 1]
    }
    return result
  }

  /// `Q x`.
  private func spread(_ x: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: size)
    for (index, value) in x.enumerated() {
      result[index] += value
      result[index + 1] -= 2 * value
      result[index + 2] += value
    }
    return result
  }

  private func eachRow(
    _ rows: HostMatrix<Double>, _ body: ([Double], Int) -> [Double]
  ) -> HostMatrix<Double> {
    var numbers: [Double] = []
    numbers.reserveCapacity(rows.elements.count)
    for row in 0..<rows.rows {
      numbers += body(Array(rows.elements[row * size..<(row + 1) * size]), row)
    }
    return HostMatrix(numbers, rows: rows.rows, columns: size)
  }
}

/// `L D Lᵀ` of a symmetric positive definite matrix with five diagonals, of which the outer four are constant.
private struct BandFactor {
  private var pivots: [Double]
  /// L's numbers one and two places left of the diagonal.
  private var near: [Double]
  private var far: [Double]

  init(diagonal: [Double], next: Double, afterNext: Double) {
    let size = diagonal.count
    pivots = diagonal
    (near, far) = ([Double](repeating: 0, count: size), [Double](repeating: 0, count: size))
    for index in 0..<size {
      if index > 1 { far[index] = afterNext / pivots[index - 2] }
      if index > 0 {
        let between = index > 1 ? far[index] * pivots[index - 2] * near[index - 1] : 0
        near[index] = (next - between) / pivots[index - 1]
        pivots[index] -= near[index] * near[index] * pivots[index - 1]
      }
      if index > 1 { pivots[index] -= far[index] * far[index] * pivots[index - 2] }
    }
  }

  func solution(_ right: [Double]) -> [Double] {
    var x = right
    let size = pivots.count
    for index in 0..<size {
      if index > 0 { x[index] -= near[index] * x[index - 1] }
      if index > 1 { x[index] -= far[index] * x[index - 2] }
    }
    for index in 0..<size { x[index] /= pivots[index] }
    for index in stride(from: size - 1, through: 0, by: -1) {
      if index + 1 < size { x[index] -= near[index + 1] * x[index + 1] }
      if index + 2 < size { x[index] -= far[index + 2] * x[index + 2] }
    }
    return x
  }
}
