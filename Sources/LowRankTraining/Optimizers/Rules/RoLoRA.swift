import LowRankAdapters
import LowRankTensors

/// RoLoRA: AdamW on B and on A in turns.
///
/// Chen, Guo, Ju, Dalal, Zhu and Khisti, "Robust Federated Finetuning of LLMs via Alternating Optimization of LoRA",
/// NeurIPS 2025, arXiv 2502.01755.
struct RoLoRA: AdamWBased {
  var adamW: AdamW
  var needsPairs: Bool { true }

  func trained(of group: ParameterGroup, at step: Int) -> [Parameter] {
    TrainedFactors.alternating.parameters(of: group, at: step)
  }

  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) throws(TrainingError) {
    adamW.step(groups, step, store: &store)
  }

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
    { RoLoRA(adamW: AdamW(options, undecayed: $0)) }
  }
}
