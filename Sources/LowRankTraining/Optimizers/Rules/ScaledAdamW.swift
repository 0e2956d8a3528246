import LowRankAdapters
import LowRankTensors

/// Riemannian preconditioning: `g_A ← (BᵀB + δI)⁻¹ g_A`, `g_B ← g_B (AAᵀ + δI)⁻¹`, then AdamW.
///
/// Zhang and Pilanci, "Riemannian Preconditioned LoRA for Fine-Tuning Foundation Models", ICML 2024, arXiv 2402.02347.
struct ScaledRule: GradientRule {
  let damping: Double

  func coefficients(of pair: PairProducts, after steps: Int) throws(LinearAlgebraError)
    -> PairCoefficients?
  {
    PairCoefficients(
      down: try pair.inner.power(-1, damping: damping),
      up: try pair.outer.power(-1, damping: damping))
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
