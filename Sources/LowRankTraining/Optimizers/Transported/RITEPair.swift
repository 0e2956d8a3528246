import Foundation
import LowRankAdapters
import LowRankTensors

/// What LoRA-RITE keeps of a factor.
enum RITEPart: String, CaseIterable {
  case steps = "rite_step"
  case first = "rite_momentum"
  case second = "rite_second_moment"
  case basis = "rite_basis"

  func shape(of parameter: Parameter) -> Shape {
    switch self {
    case .steps: [1]
    case .first, .basis: parameter.shape
    case .second:
      parameter.role == .down
        ? [parameter.shape[0], parameter.shape[0]] : [parameter.shape[1], parameter.shape[1]]
    }
  }
}

/// A pair of factors in a step of LoRA-RITE: its polar factors, and its gradients without the other factor's magnitude.
struct RITEPair {
  let pair: FactorPair
  /// The sum of squares of both gradients.
  let squares: Double
  private let down, up: Factor
  private let algebra: PairAlgebra

  /// A factor's part: `R⁻¹` of the other factor, its own polar factor Q, and Ḡ.
  private struct Factor {
    let inverseRoot: HostMatrix<Double>
    let basis: Tensor
    let gradient: Tensor
  }

  /// - Throws: `LinearAlgebraError`.
  init(_ pair: FactorPair, _ gradients: PairGradients, _ step: OptimizerStep)
    throws(LinearAlgebraError)
  {
    self.pair = pair
    let engine = step.engine
    algebra = PairAlgebra(engine: engine)
    let inverseA = try algebra.outer(gradients.down).power(-0.5)
    let inverseB = try algebra.inner(gradients.up).power(-0.5)
    let gA = gradients.downGradient ?? engine.zeros(pair.down.shape, type: .float32)
    let gB = gradients.upGradient ?? engine.zeros(pair.up.shape, type: .float32)
    var sum = 0.0
    func kept(_ gradient: Tensor) -> Tensor {
      let own = engine.sumOfSquares(gradient)
      guard own <= Double(gradient.shape.count) else {
        return engine.zeros(gradient.shape, type: .float32)
      }
      sum += own
      return gradient
    }
    down = Factor(
      inverseRoot: inverseB, basis: algebra.product(inverseA, gradients.down),
      gradient: kept(algebra.product(inverseB, gA, scale: step.gradientScale)))
    up = Factor(
      inverseRoot: inverseA, basis: algebra.product(gradients.up, inverseB),
      gradient: kept(algebra.product(gB, inverseA, scale: step.gradientScale)))
    squares = sum
  }

  /// Moves both factors and their moments.
  ///
  /// - Throws: `LinearAlgebraError`.
  func step(
    _ rule: AdamW, _ step: OptimizerStep, clipping: Double,
    _ state: inout FactorState<RITEPart>, _ store: inout ParameterStore
  ) throws(LinearAlgebraError) {
    let engine = step.engine
    let (a, b) = (pair.down, pair.up)
    let number = state[a, .steps].map { engine.doubles($0)[0] } ?? 0
    func corrected(_ beta: Double) -> Double {
      beta * (1 - pow(beta, number)) / (1 - pow(beta, number + 1))
    }
    let (beta1, beta2) = (corrected(rule.beta1), corrected(rule.beta2))
    // P of A is from B's bases, and the other way round.
    let turnA = state[b, .basis].map { algebra.small(up.basis.transposed, Matrix($0)) }
    let turnB = state[a, .basis].map { algebra.small(Matrix(down.basis), $0.transposed) }

    let gA = engine.scaled(down.gradient, by: Float(clipping))
    let vA = second(
      state[a, .second], turnA, beta2, algebra.outer(gA), over: a.shape[1])
    let uA = algebra.product(try inverseRoot(vA), gA, scale: 1 - beta1)
    let mA = sum(
      uA, turnA.flatMap { turn in state[a, .first].map { algebra.product(turn, $0) } }, beta1)

    let gB = engine.scaled(up.gradient, by: Float(clipping))
    let vB = second(
      state[b, .second], turnB, beta2, algebra.inner(gB), over: b.shape[0])
    let uB = algebra.product(gB, try inverseRoot(vB), scale: 1 - beta1)
    let mB = sum(
      uB, turnB.flatMap { turn in state[b, .first].map { algebra.product($0, turn.transposed) } },
      beta1)

    let decay = Float(1 - step.rate * rule.weightDecay)
    store[a] = algebra.sum(
      engine.scaled(store[a], by: decay), algebra.product(down.inverseRoot, mA), scale: -step.rate)
    store[b] = algebra.sum(
      engine.scaled(store[b], by: decay), algebra.product(mB, up.inverseRoot), scale: -step.rate)
    for (parameter, first, moment, basis) in [
      (a, mA, vA, down.basis), (b, mB, vB, up.basis),
    ] {
      state[parameter, .steps] = engine.filled(Float(number + 1), [1])
      state[parameter, .first] = first
      state[parameter, .second] = engine.tensor(moment.elements, [moment.rows, moment.columns])
      state[parameter, .basis] = basis
    }
  }

  private func sum(_ new: Tensor, _ old: Tensor?, _ beta: Double) -> Tensor {
    old.map { algebra.sum(new, $0, scale: beta) } ?? new
  }

  /// `β P V Pᵀ + (1 − β) Ḡ Ḡᵀ / count`.
  private func second(
    _ old: Tensor?, _ turn: HostMatrix<Double>?, _ beta: Double, _ square: HostMatrix<Double>,
    over count: Int
  ) -> HostMatrix<Double> {
    let rank = square.rows
    let new = HostMatrix<Double>(zeros: rank, rank).adding(
      square, scale: (1 - beta) / Double(count))
    guard let old, let turn else { return new }
    let before = HostMatrix(algebra.engine.doubles(old), rows: rank, columns: rank)
    let turned = turn.multiplied(by: before).multiplied(by: turn.transposed)
    let symmetric = turned.adding(turned.transposed)
    return new.adding(symmetric, scale: 0.5 * beta)
  }

  /// `V^(−1/2)` with `1 / (√w + 10⁻⁶)` of each eigenvalue, and 0 of those that rounding made negative.
  private func inverseRoot(_ v: HostMatrix<Double>) throws(LinearAlgebraError)
    -> HostMatrix<Double>
  {
    let parts = try SymmetricEigenDecomposition(v)
    var scaled = parts.vectors
    for column in 0..<v.columns {
      let value = parts.values[column]
      let factor = value >= 0 ? 1 / (value.squareRoot() + 1e-6) : 0
      for row in 0..<v.rows { scaled[row, column] *= factor }
    }
    return scaled.multiplied(by: parts.vectors.transposed)
  }
}
