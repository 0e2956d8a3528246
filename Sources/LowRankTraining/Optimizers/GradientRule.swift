import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// What an optimizer makes of the gradients of a pair of factors before AdamW's moments.
protocol GradientRule: Sendable {
  /// Changes the gradients of a pair.
  ///
  /// - Parameter steps: the steps that AdamW took of B before.
  func change(_ pair: inout PairGradients, after steps: Int, _ algebra: PairAlgebra)
    throws(LinearAlgebraError)
}

/// AdamW on gradients that a rule has changed, pair by pair; other parameters are AdamW's alone.
struct PreconditionedAdamW<Rule: GradientRule>: AdamWBased {
  var adamW: AdamW
  let rule: Rule
  var trains = TrainedFactors.both

  var needsPairs: Bool { true }

  func trained(of group: ParameterGroup, at step: Int) -> [Parameter] {
    trains.parameters(of: group, at: step)
  }

  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) throws(TrainingError) {
    let algebra = PairAlgebra(engine: step.engine)
    var groups = groups
    for index in groups.indices {
      for pair in groups[index].pairs {
        guard var changed = groups[index].gradients(of: pair, in: store) else { continue }
        do { try rule.change(&changed, after: adamW.steps(of: pair.up), algebra) } catch {
          throw .undefinedStep(module: groups[index].module, why: error)
        }
        groups[index].replace(pair, by: changed)
      }
    }
    adamW.step(groups, step, store: &store)
  }
}

/// An optimizer whose state is AdamW's.
protocol AdamWBased: Optimizer {
  var adamW: AdamW { get set }
}

extension AdamWBased {
  func stateSize(of parameters: [Parameter]) -> Int { adamW.stateSize(of: parameters) }

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
