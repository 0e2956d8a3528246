import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// What an optimizer makes of the gradients of a pair of factors before AdamW's moments.
///
/// It is linear: `g_A ← P g_A + Q A` and `g_B ← g_B R + B T` with r × r matrices that follow from r × r products alone. Those of
/// all pairs are worked out in one parallel region.
protocol GradientRule: Sendable {
  /// Whether the products of gradients with factors are needed.
  var needsCrosses: Bool { get }
  /// Why no gradient changes in a run of some steps; nil where some do.
  func idleReason(steps: Int) -> String?
  /// The matrices of a pair; nil where its gradients stay.
  ///
  /// - Parameter steps: the steps that AdamW took of B before.
  func coefficients(of pair: PairProducts, after steps: Int) throws(LinearAlgebraError)
    -> PairCoefficients?
}

extension GradientRule {
  /// Gram matrices are enough.
  var needsCrosses: Bool { false }

  /// Some do.
  func idleReason(steps: Int) -> String? { nil }
}

/// The r × r products of a pair of factors and its gradients.
struct PairProducts: Sendable {
  /// `A Aᵀ`.
  let outer: HostMatrix<Double>
  /// `BᵀB`.
  let inner: HostMatrix<Double>
  /// `g_A Aᵀ`; nil where it is not needed.
  let downCross: HostMatrix<Double>?
  /// `Bᵀ g_B`; nil where it is not needed.
  let upCross: HostMatrix<Double>?
  /// s.
  let scale: Double

  init(_ pair: PairGradients, crosses: Bool, _ algebra: PairAlgebra) {
    outer = algebra.outer(pair.down)
    inner = algebra.inner(pair.up)
    scale = pair.scale
    downCross =
      crosses
      ? pair.downGradient.map { algebra.small(Matrix($0), pair.down.transposed) } : nil
    upCross =
      crosses ? pair.upGradient.map { algebra.small(pair.up.transposed, Matrix($0)) } : nil
  }
}

/// `g_A ← P g_A + Q A`, `g_B ← g_B R + B T`; what is nil leaves its gradient, or adds nothing.
struct PairCoefficients: Sendable {
  /// P.
  var down: HostMatrix<Double>?
  /// Q.
  var alongDown: HostMatrix<Double>?
  /// R.
  var up: HostMatrix<Double>?
  /// T.
  var alongUp: HostMatrix<Double>?

  /// Changes the gradients of a pair.
  func change(_ pair: inout PairGradients, _ algebra: PairAlgebra) {
    if let gradient = pair.downGradient, let down {
      let own = algebra.product(down, gradient)
      pair.downGradient =
        alongDown.map { algebra.sum(own, algebra.product($0, pair.down)) } ?? own
    }
    if let gradient = pair.upGradient, let up {
      let own = algebra.product(gradient, up)
      pair.upGradient = alongUp.map { algebra.sum(own, algebra.product(pair.up, $0)) } ?? own
    }
  }
}

/// AdamW on gradients that a rule has changed, pair by pair; other parameters are AdamW's alone.
struct PreconditionedAdamW<Rule: GradientRule>: AdamWBased {
  var adamW: AdamW
  let rule: Rule
  var trains = TrainedFactors.both

  var needsPairs: Bool { true }

  func idleReason(steps: Int) -> String? { rule.idleReason(steps: steps) }

  func trained(of group: ParameterGroup, at step: Int) -> [Parameter] {
    trains.parameters(of: group, at: step)
  }

  /// A pair of a step: where it is, and what is known of it.
  private struct Work {
    let group: Int
    let pair: FactorPair
    var gradients: PairGradients
    let products: PairProducts
    let steps: Int
  }

  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) throws(TrainingError) {
    let algebra = PairAlgebra(engine: step.engine)
    var groups = groups
    var works: [Work] = []
    for index in groups.indices {
      for pair in groups[index].pairs {
        guard let gradients = groups[index].gradients(of: pair, in: store) else { continue }
        works.append(
          Work(
            group: index, pair: pair, gradients: gradients,
            products: PairProducts(gradients, crosses: rule.needsCrosses, algebra),
            steps: adamW.steps(of: pair.up)))
      }
    }
    for (work, solved) in zip(works, solved(works)) {
      switch solved {
      case .success(nil): continue
      case .success(let coefficients?):
        var changed = work.gradients
        coefficients.change(&changed, algebra)
        groups[work.group].replace(work.pair, by: changed)
      case .failure(let error):
        throw .undefinedStep(module: groups[work.group].module, why: error)
      }
    }
    adamW.step(groups, step, store: &store)
  }

  /// The matrices of all pairs, in one parallel region.
  private func solved(_ works: [Work]) -> [Result<PairCoefficients?, LinearAlgebraError>] {
    let (rule, inputs) = (rule, works.map { ($0.products, $0.steps) })
    let all = try? concurrentMap(inputs.count) {
      index -> Result<PairCoefficients?, LinearAlgebraError> in
      do throws(LinearAlgebraError) {
        return .success(
          try rule.coefficients(of: inputs[index].0, after: inputs[index].1))
      } catch { return .failure(error) }
    }
    guard let all else { preconditionFailure("a transform that throws nothing threw") }
    return all
  }
}

/// An optimizer whose state is AdamW's.
protocol AdamWBased: Optimizer {
  var adamW: AdamW { get set }
}

extension AdamWBased {
  func stateSize(of parameters: [Parameter]) -> Int { adamW.stateSize(of: parameters) }

  mutating func mask(_ parameter: Parameter, by mask: Tensor, on engine: any Engine) {
    adamW.mask(parameter, by: mask, on: engine)
  }

  func state(on engine: any Engine) -> [TensorName: Tensor] { adamW.state(on: engine) }

  mutating func restore(
    _ state: [TensorName: Tensor], of parameters: [Parameter], on engine: any Engine
  ) throws(TrainingError) { try adamW.restore(state, of: parameters, on: engine) }
}

/// Which factors of a pair are trained at a step; everything else always is.
enum TrainedFactors {
  /// Both.
  case both
  /// B alone.
  case up
  /// B at the first step, then A, in turns.
  case alternating

  /// The parameters of a group that are trained after some steps.
  func parameters(of group: ParameterGroup, at step: Int) -> [Parameter] {
    let left: [Parameter] =
      switch self {
      case .both: []
      case .up: group.pairs.map(\.down)
      case .alternating: group.pairs.map { step.isMultiple(of: 2) ? $0.down : $0.up }
      }
    return left.isEmpty ? group.parameters : group.parameters.filter { !left.contains($0) }
  }
}
