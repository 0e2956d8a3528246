import LowRankAdapters
import LowRankTensors

/// Riemannian preconditioning: `g_A ← (BᵀB + δI)⁻¹ g_A`, `g_B ← g_B (AAᵀ + δI)⁻¹`, then AdamW.
///
/// Zhang and Pilanci, "Riemannian Preconditioned LoRA for Fine-Tuning Foundation Models", ICML 2024, arXiv 2402.02347.
struct ScaledRule: GradientRule {
  let damping: Double

  func change(_ pair: inout PairGradients, after steps: Int, _ algebra: PairAlgebra)
    throws(LinearAlgebraError)
  {
    if let gradient = pair.downGradient {
      let inverse = try algebra.inner(pair.up).power(-1, damping: damping)
      pair.downGradient = algebra.product(inverse, gradient)
    }
    if let gradient = pair.upGradient {
      let inverse = try algebra.outer(pair.down).power(-1, damping: damping)
      pair.upGradient = algebra.product(gradient, inverse)
    }
  }

  static let entry = MethodRegistry<OptimizerMaker>.Entry(
    MethodCard(
      name: "scaled-adamw", title: "Scaled AdamW",
      citation: "Zhang and Pilanci, \"Riemannian Preconditioned LoRA for Fine-Tuning Foundation "
        + "Models\", ICML 2024, arXiv 2402.02347; Tong, Ma and Chi, JMLR 2021, arXiv 2005.08898",
      equation: "g_A ← (BᵀB + δI)⁻¹ g_A, g_B ← g_B (AAᵀ + δI)⁻¹, then AdamW",
      mechanism:
        "Each gradient is divided by the other factor's Gram matrix, so that the change of "
        + "BA does not depend on how the product is split.",
      useWhen:
        "Choose it where AdamW converges slowly, or where the best rate differs much between "
        + "A and B.",
      options: [
        .number(
          "damping", default: 0.01, in: 0..<Double.infinity,
          "What is added to the Gram matrices, δ; PEFT's default, the authors use 1e-6.")
      ] + AdamW.options)
  ) { options in
    {
      PreconditionedAdamW(
        adamW: AdamW(options, undecayed: $0),
        rule: ScaledRule(damping: options.number("damping")))
    }
  }
}
