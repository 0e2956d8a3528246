import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// AltLoRA: alternating steps along the full gradient projected on one factor, with momentum that follows the other.
///
/// At odd steps `d_B = g_B (AAᵀ + δI)⁻¹ / s²`, `M_B ← β M_B + (1 − β) d_B`, `B ← B − η (M_B + λB)`; at even steps
/// `d_A = (BᵀB + δI)⁻¹ g_A / s²` and the same of A. Where a factor has moved, the other's momentum is projected on what it
/// spans now: `M_A ← (BᵀB + δI)⁻¹ Bᵀ B_old M_A`, `M_B ← M_B A_old Aᵀ (AAᵀ + δI)⁻¹`. Other parameters are AdamW's.
///
/// Yu, Wang, Wang, Tang and Zhang, "AltLoRA: Towards Better Gradient Approximation in Low-Rank Adaptation with Alternating
/// Projections", NeurIPS 2025, arXiv 2505.12455.
struct AltLoRA: Optimizer {
  private enum Part: String, CaseIterable { case momentum = "altlora_momentum" }

  var adamW: AdamW
  let momentum: Double
  let damping: Double
  private var kept = FactorState<Part>()

  init(adamW: AdamW, momentum: Double, damping: Double) {
    (self.adamW, self.momentum, self.damping) = (adamW, momentum, damping)
  }

  var needsPairs: Bool { true }

  func trained(of group: ParameterGroup, at step: Int) -> [Parameter] {
    TrainedFactors.alternating.parameters(of: group, at: step)
  }

  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) throws(TrainingError) {
    // Nothing is changed where a step is not defined.
    var (stepped, moments, rest) = (store, kept, groups)
    let algebra = PairAlgebra(engine: step.engine)
    for index in groups.indices {
      for pair in groups[index].pairs {
        guard let gradients = groups[index].gradients(of: pair, in: store) else { continue }
        do { try change(pair, gradients, step, algebra, &moments, &stepped) } catch {
          throw .undefinedStep(module: groups[index].module, why: error)
        }
        rest[index].members.removeAll { [pair.down, pair.up].contains($0.parameter) }
      }
    }
    (store, kept) = (stepped, moments)
    adamW.step(rest, step, store: &store)
  }

  private func change(
    _ pair: FactorPair, _ gradients: PairGradients, _ step: OptimizerStep, _ algebra: PairAlgebra,
    _ kept: inout FactorState<Part>, _ store: inout ParameterStore
  ) throws(LinearAlgebraError) {
    let scale = step.gradientScale / (gradients.scale * gradients.scale)
    func moved(_ parameter: Parameter, along direction: Tensor) -> Tensor {
      let old = kept[parameter, .momentum]
      let momentum = mixed(old, direction, step.engine)
      kept[parameter, .momentum] = momentum
      let value = store[parameter]
      let decayed = step.engine.scaled(value, by: Float(1 - step.rate * adamW.weightDecay))
      store[parameter] = algebra.sum(decayed, momentum, scale: -step.rate)
      return value
    }
    if let gradient = gradients.upGradient {
      let inverse = try algebra.outer(gradients.down).power(-1, damping: damping)
      let old = moved(pair.up, along: algebra.product(gradient, inverse, scale: scale))
      if let other = kept[pair.down, .momentum] {
        let new = store[pair.up]
        let turn = try algebra.inner(new).power(-1, damping: damping)
          .multiplied(by: algebra.small(new.transposed, Matrix(old)))
        kept[pair.down, .momentum] = algebra.product(turn, other)
      }
    }
    if let gradient = gradients.downGradient {
      let inverse = try algebra.inner(store[pair.up]).power(-1, damping: damping)
      let old = moved(pair.down, along: algebra.product(inverse, gradient, scale: scale))
      if let other = kept[pair.up, .momentum] {
        let new = store[pair.down]
        let turn = algebra.small(Matrix(old), new.transposed)
          .multiplied(by: try algebra.outer(new).power(-1, damping: damping))
        kept[pair.up, .momentum] = algebra.product(other, turn)
      }
    }
  }

  /// `β old + (1 − β) new`.
  private func mixed(_ old: Tensor?, _ new: Tensor, _ engine: any Engine) -> Tensor {
    var result = engine.scaled(new, by: Float(1 - momentum))
    if let old { engine.add(old, scale: Float(momentum), to: &result) }
    return result
  }

  mutating func mask(_ parameter: Parameter, by mask: Tensor, on engine: any Engine) {
    adamW.mask(parameter, by: mask, on: engine)
    guard let own = kept[parameter, .momentum] else { return }
    kept[parameter, .momentum] = engine.multiply(own, mask)
  }

  func stateSize(of parameters: [Parameter]) -> Int {
    parameters.reduce(0) {
      $0 + ([.down, .up].contains($1.role) ? 4 * $1.shape.count : adamW.stateSize(of: [$1]))
    }
  }

  func state(on engine: any Engine) -> [TensorName: Tensor] {
    adamW.state(on: engine).merging(kept.named) { own, _ in own }
  }

  mutating func restore(
    _ state: [TensorName: Tensor], of parameters: [Parameter], on engine: any Engine
  ) throws(TrainingError) {
    var rest = state
    let kept = try FactorState<Part>(from: &rest, of: parameters) { parameter, _ in parameter.shape
    }
    try adamW.restore(rest, of: parameters, on: engine)
    self.kept = kept
  }

  static let entry = MethodRegistry<OptimizerMaker>.Entry(
    MethodCard(
      name: "altlora", title: "AltLoRA",
      citation:
        "Yu, Wang, Wang, Tang and Zhang, \"AltLoRA: Towards Better Gradient Approximation in "
        + "Low-Rank Adaptation with Alternating Projections\", NeurIPS 2025, arXiv 2505.12455",
      equation:
        "odd steps: B ← B − η M_B, d_B = g_B (AAᵀ + δI)⁻¹ / s²; even steps: A alike; M is the "
        + "mean of d, projected as the other factor moves",
      mechanism: "Each step is the best approximation of the full gradient with one factor fixed, "
        + "so that it does not depend on how BA is split.",
      useWhen: "Choose it for plain momentum without second moments; rates are those of gradient "
        + "descent on W, far above AdamW's.",
      options: [
        .number("momentum", default: 0.9, in: 0..<1, "The decay of the mean of steps, β."),
        .number(
          "damping", default: 1e-6, in: 0..<Double.infinity,
          "What is added to the Gram matrices, δ."),
      ] + AdamW.options)
  ) { options in
    {
      AltLoRA(
        adamW: AdamW(options, undecayed: $0), momentum: options.number("momentum"),
        damping: options.number("damping"))
    }
  }
}
