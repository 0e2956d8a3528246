import LowRankTensors

/// A sum of thin products `Σ cᵢ Bᵢ Aᵢ`, kept as the blocks of one product.
package struct StackedFactors {
  private var ups: [HostMatrix<Double>] = []
  private var downs: [HostMatrix<Double>] = []

  /// A sum of nothing.
  package init() {}

  /// Adds `c·B A`.
  package mutating func append(
    _ up: HostMatrix<Double>, _ down: HostMatrix<Double>, times multiplier: Double
  ) {
    ups.append(up.scaled(by: multiplier))
    downs.append(down)
  }

  /// B, the blocks beside each other.
  var up: HostMatrix<Double> {
    var elements: [Double] = []
    elements.reserveCapacity(ups.reduce(0) { $0 + $1.elements.count })
    for row in 0..<(ups.first?.rows ?? 0) {
      for block in ups {
        elements += block.elements[row * block.columns..<(row + 1) * block.columns]
      }
    }
    return HostMatrix(
      elements, rows: ups.first?.rows ?? 0, columns: ups.reduce(0) { $0 + $1.columns })
  }

  /// A, the blocks below each other.
  var down: HostMatrix<Double> {
    HostMatrix(
      downs.flatMap(\.elements), rows: downs.reduce(0) { $0 + $1.rows },
      columns: downs.first?.columns ?? 0)
  }

  /// ‖B A‖_F, which is `‖R_B R_Aᵀ‖_F` of the triangles of B and Aᵀ: exact to a rounding of the largest block.
  ///
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  package func norm() throws -> Double {
    guard !ups.isEmpty else { return 0 }
    let core = try TriangularFactor(up).r.multiplied(
      by: TriangularFactor(down.transposed).r.transposed)
    return core.frobeniusNorm
  }
}
