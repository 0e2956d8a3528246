import LowRankAdapters
import LowRankTensors

/// LoRA-FA: A stays as it started; `g_B ← g_B (AAᵀ + δI)⁻¹ / s²`, then AdamW.
///
/// Zhang, Zhang, Shi, Chu and Li, "LoRA-FA: Memory-efficient Low-rank Adaptation for Large Language Models Fine-tuning",
/// arXiv 2308.03303.
struct LoRAFARule: GradientRule {
  func coefficients(of pair: PairProducts, after steps: Int) throws(LinearAlgebraError)
    -> PairCoefficients?
  {
    let inverse = try pair.outer.power(-1, damping: 1e-8)
    return PairCoefficients(up: inverse.scaled(by: 1 / (pair.scale * pair.scale)))
  }

  static let entry = MethodRegistry<OptimizerMaker>.Entry(
    MethodCard(
      name: "lora-fa", title: "LoRA-FA",
      citation:
        "Zhang, Zhang, Shi, Chu and Li, \"LoRA-FA: Memory-efficient Low-rank Adaptation for "
        + "Large Language Models Fine-tuning\", arXiv 2308.03303",
      equation: "A fixed, g_B ← g_B (AAᵀ + δI)⁻¹ / s², δ = 1e-8, then AdamW",
      mechanism: "With A fixed, a map keeps A x instead of x for the backward pass.",
      useWhen: "Choose it where activations do not fit in memory; it learns less than LoRA of the "
        + "same rank.",
      options: AdamW.options(epsilon: 1e-6))
  ) { options in
    {
      PreconditionedAdamW(
        adamW: AdamW(options, undecayed: $0), rule: LoRAFARule(), trains: .up)
    }
  }
}
