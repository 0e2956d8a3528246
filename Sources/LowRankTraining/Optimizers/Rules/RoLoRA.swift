import LowRankAdapters
import LowRankTensors

/// RoLoRA: AdamW on B and on A in turns.
///
/// Chen, Guo, Ju, Dalal, Zhu and Khisti, "Robust Federated Finetuning of LLMs via Alternating Optimization of LoRA",
/// NeurIPS 2025, arXiv 2502.01755.
struct AlternatingRule: GradientRule {
  func change(_ pair: inout PairGradients, after steps: Int, _ algebra: PairAlgebra) {}

  static let entry = MethodRegistry<OptimizerMaker>.Entry(
    MethodCard(
      name: "rolora", title: "RoLoRA",
      citation: "Chen, Guo, Ju, Dalal, Zhu and Khisti, \"Robust Federated Finetuning of LLMs via "
        + "Alternating Optimization of LoRA\", NeurIPS 2025, arXiv 2502.01755",
      equation: "odd steps: B ← AdamW(B, g_B); even steps: A ← AdamW(A, g_A)",
      mechanism: "With one factor fixed the update is linear in the other, so that averages of "
        + "several workers are exact.",
      useWhen: "Choose it for federated training, or to save the gradient of one factor; it takes "
        + "about twice as many steps.",
      options: AdamW.options)
  ) { options in
    {
      PreconditionedAdamW(
        adamW: AdamW(options, undecayed: $0), rule: AlternatingRule(), trains: .alternating)
    }
  }
}
