import LowRankTensors

/// A penalty on directions that are not orthonormal: `weight · mean ‖P Pᵀ − I‖` over factors P, in Frobenius norm.
///
/// It is AdaLoRA's, which keeps A and B apart from E. Zhang et al., arXiv 2303.10512, equation 4, as PEFT has it: the norm
/// is not squared.
public struct OrthogonalityPenalty: Sendable {
  /// What the mean is multiplied by.
  public let weight: Double
  /// The factors whose rows are the directions.
  public let rows: [Parameter]
  /// The factors whose columns are the directions.
  public let columns: [Parameter]

  /// A penalty on factors.
  public init(weight: Double, rows: [Parameter], columns: [Parameter]) {
    (self.weight, self.rows, self.columns) = (weight, rows, columns)
  }

  /// The penalty and its gradient with respect to each factor, f32.
  public func evaluated(_ store: ParameterStore, on engine: any Engine) -> (
    value: Double, gradients: [(parameter: Parameter, gradient: Tensor)]
  ) {
    let share = weight / Double(max(1, rows.count + columns.count))
    var value = 0.0
    var gradients: [(Parameter, Tensor)] = []
    for (parameter, isTurned) in rows.map({ ($0, false) }) + columns.map({ ($0, true) }) {
      let factor = Matrix(store[parameter], transposed: isTurned)
      let count = factor.height
      let gram = engine.product(factor, factor.transposed, storedAs: .float32)
      var excess = engine.doubles(gram)
      for index in 0..<count { excess[index * (count + 1)] -= 1 }
      let norm = excess.reduce(0) { $0 + $1 * $1 }.squareRoot()
      value += share * norm
      guard norm > 0 else { continue }
      // d‖K‖ = ⟨K, dK⟩/‖K‖ with K = P Pᵀ − I gives 2 K P/‖K‖.
      let difference = Matrix(engine.tensor(excess, [count, count]))
      let scale = Float(2 * share / norm)
      gradients.append(
        (
          parameter,
          isTurned
            ? engine.product(factor.transposed, difference, scale: scale, storedAs: .float32)
            : engine.product(difference, factor, scale: scale, storedAs: .float32)
        ))
    }
    return (value, gradients)
  }
}
