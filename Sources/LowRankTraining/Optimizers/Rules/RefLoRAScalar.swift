import LowRankAdapters
import LowRankTensors

/// The scalar form of RefLoRA: after each step of AdamW, `A ← √S A`, `B ← B / √S` with `S = ‖B‖ / ‖A‖`.
///
/// BA stays, both factors have one norm, and the moments follow: m_A and m_B are divided by what their factors are
/// multiplied by, v_A and v_B by its square.
///
/// Zhang, Li and Giannakis, NeurIPS 2025, arXiv 2505.18877.
struct RefLoRAScalar: AdamWBased {
  var adamW: AdamW

  var needsPairs: Bool { true }

  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) throws(TrainingError) {
    adamW.step(groups, step, store: &store)
    for group in groups {
      for pair in group.pairs where group.gradients(of: pair, in: store) != nil {
        let squares = (
          step.engine.sumOfSquares(store[pair.down]), step.engine.sumOfSquares(store[pair.up])
        )
        guard squares.0 > 0, squares.1 > 0 else { continue }
        let factor = (squares.1 / squares.0).squareRoot().squareRoot()
        rescale(pair.down, by: factor, step.engine, &store)
        rescale(pair.up, by: 1 / factor, step.engine, &store)
      }
    }
  }

  private mutating func rescale(
    _ parameter: Parameter, by factor: Double, _ engine: any Engine, _ store: inout ParameterStore
  ) {
    store[parameter] = engine.scaled(store[parameter], by: Float(factor))
    adamW.scaleMoments(of: parameter, by: 1 / factor, on: engine)
  }

  static let entry = MethodRegistry<OptimizerMaker>.Entry(
    MethodCard(
      name: "reflora-s", title: "RefLoRA-S",
      citation: "Zhang, Li and Giannakis, \"RefLoRA: Refactored Low-Rank Adaptation for Efficient "
        + "Fine-Tuning of Large Models\", NeurIPS 2025, arXiv 2505.18877",
      equation: "AdamW, then A ← √S A, B ← B / √S with S = ‖B‖ / ‖A‖",
      mechanism: "One number a pair keeps both factors at the same norm.",
      useWhen: "Choose it in the place of reflora where a step must not cost more.",
      options: AdamW.options)
  ) { options in
    { RefLoRAScalar(adamW: AdamW(options, undecayed: $0)) }
  }
}
