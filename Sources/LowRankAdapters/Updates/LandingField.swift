import LowRankTensors

/// What replaces the gradients of factors that are to stay orthonormal.
///
/// For a factor P with orthonormal columns and its gradient g, `Λ = g PᵀP − P gᵀP + λ P (PᵀP − I)`: the first two terms turn
/// P without a change of lengths, the last one, the gradient of `λ/4 ‖PᵀP − I‖²`, leads back to an orthonormal P. No
/// decomposition is needed. Ablin and Peyré, "Fast and accurate optimization on the orthogonal manifold without retraction",
/// AISTATS 2022, arXiv 2102.07432.
public struct LandingField: Sendable {
  /// λ.
  public let attraction: Double
  /// The factors with orthonormal rows.
  public let rows: [Parameter]
  /// The factors with orthonormal columns.
  public let columns: [Parameter]

  /// The field of factors.
  public init(attraction: Double, rows: [Parameter], columns: [Parameter]) {
    (self.attraction, self.rows, self.columns) = (attraction, rows, columns)
  }

  /// The largest entry of `PᵀP − I` that counts as rounding of P to f32.
  private static let rounding = 1e-6

  /// The field in the place of each gradient, f32.
  ///
  /// - Parameters:
  ///   - gradients: gradients that are still to be divided by the tokens.
  ///   - tokens: the tokens of the step.
  public func replace(
    _ gradients: inout [Parameter: Tensor], tokens: Int, _ store: ParameterStore,
    on engine: any Engine
  ) {
    for (parameter, isTurned) in rows.map({ ($0, false) }) + columns.map({ ($0, true) }) {
      guard let gradient = gradients[parameter] else { continue }
      // With the rows as directions: (P Pᵀ) g − (P gᵀ) P + λ (P Pᵀ − I) P, from two small products.
      let factor = Matrix(store[parameter], transposed: isTurned)
      let slope = Matrix(gradient, transposed: isTurned)
      let count = factor.height
      let gram = engine.product(factor, factor.transposed, storedAs: .float32)
      let cross = engine.doubles(engine.product(factor, slope.transposed, storedAs: .float32))
      var excess = engine.doubles(gram)
      for index in 0..<count { excess[index * (count + 1)] -= 1 }
      // Moments of Adam would make whole steps of what is only rounding.
      excess = excess.map { abs($0) < Self.rounding ? 0 : $0 }
      let pull = attraction * Double(tokens)
      let small = Matrix(
        engine.tensor(zip(cross, excess).map { pull * $1 - $0 }, [count, count]))
      let large = Matrix(gram)
      var field =
        isTurned
        ? engine.product(slope.transposed, large, scale: 1, storedAs: .float32)
        : engine.product(large, slope, scale: 1, storedAs: .float32)
      let rest =
        isTurned
        ? engine.product(factor.transposed, small.transposed, scale: 1, storedAs: .float32)
        : engine.product(small, factor, scale: 1, storedAs: .float32)
      engine.add(rest, scale: 1, to: &field)
      gradients[parameter] = field
    }
  }
}
