import LowRankAdapters
import LowRankTensors

/// RefLoRA: `g_A ← S⁻¹ g_A`, `g_B ← g_B S`, where S balances the factors: `S (AAᵀ) S = BᵀB`.
///
/// `S = (AAᵀ)^(−1/2) [(AAᵀ)^(1/2) BᵀB (AAᵀ)^(1/2)]^(1/2) (AAᵀ)^(−1/2)`, the geometric mean of BᵀB and (AAᵀ)⁻¹. The step is
/// the one of the pair that is refactored to be balanced. While B is near its start at zero, S is nearly singular: the
/// gradients of the first steps stay as they are, and those of a B that is zero.
///
/// Zhang, Li and Giannakis, "RefLoRA: Refactored Low-Rank Adaptation for Efficient Fine-Tuning of Large Models",
/// NeurIPS 2025, arXiv 2505.18877.
struct RefLoRARule: GradientRule {
  let warmup: Int

  func idleReason(steps: Int) -> String? {
    guard warmup >= steps else { return nil }
    return "warmup is \(warmup), and the run has \(steps) steps, so all of them are AdamW's; give "
      + (steps > 1 ? "warmup=\(max(1, steps / 10))" : "more steps")
  }

  func coefficients(of pair: PairProducts, after steps: Int) throws(LinearAlgebraError)
    -> PairCoefficients?
  {
    let isZero = (0..<pair.inner.rows).allSatisfy { pair.inner[$0, $0] == 0 }
    guard steps >= warmup, !isZero else { return nil }
    let (root, inverseRoot) = (try pair.outer.power(0.5), try pair.outer.power(-0.5))
    let middle = root.multiplied(by: pair.inner).multiplied(by: root)
    // S⁻¹ = (AAᵀ)^(1/2) middle^(−1/2) (AAᵀ)^(1/2).
    return PairCoefficients(
      down: root.multiplied(by: try middle.power(-0.5)).multiplied(by: root),
      up: inverseRoot.multiplied(by: try middle.power(0.5)).multiplied(by: inverseRoot))
  }

  static let entry = MethodRegistry<OptimizerMaker>.Entry(
    MethodCard(
      name: "reflora", title: "RefLoRA",
      citation: "Zhang, Li and Giannakis, \"RefLoRA: Refactored Low-Rank Adaptation for Efficient "
        + "Fine-Tuning of Large Models\", NeurIPS 2025, arXiv 2505.18877",
      equation: "g_A ← S⁻¹ g_A, g_B ← g_B S with S (AAᵀ) S = BᵀB, then AdamW",
      mechanism: "Among all pairs with the product BA, the step is that of the balanced one, which "
        + "bounds the loss best.",
      useWhen:
        "Choose it where the factors have grown apart, or where training is unstable at high "
        + "rates.",
      options: [
        .integer(
          "warmup", default: 10, in: 0...1_000_000_000,
          "The steps before gradients are changed; those of a B that is zero never are.")
      ] + AdamW.options)
  ) { options in
    {
      PreconditionedAdamW(
        adamW: AdamW(options, undecayed: $0),
        rule: RefLoRARule(warmup: options.integer("warmup")))
    }
  }
}
