import LowRankAdapters
import LowRankTensors

/// LoRA+: AdamW with another learning rate for B, `η_B = ratio · η_A`.
///
/// As in PEFT, vectors of an adapted map (DoRA's magnitudes) step at B's rate; other parameters, factors of tables among
/// them, at A's.
///
/// Hayou, Ghosh and Yu, "LoRA+: Efficient Low Rank Adaptation of Large Models", ICML 2024, arXiv 2402.12354.
struct LoRAPlus: AdamWBased {
  var adamW: AdamW
  let ratio: Double

  var needsPairs: Bool { true }

  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) throws(TrainingError) {
    for group in groups {
      let ups = group.pairs.map(\.up)
      for member in group.members {
        let parameter = member.parameter
        let isFaster =
          ups.contains(parameter) || (!ups.isEmpty && parameter.shape.rank == 1)
        adamW.change(
          parameter, by: member.gradient, step, rate: step.rate * (isFaster ? ratio : 1),
          in: &store)
      }
    }
  }

  static let entry = MethodRegistry<OptimizerMaker>.Entry(
    MethodCard(
      name: "lora-plus", title: "LoRA+",
      citation: "Hayou, Ghosh and Yu, \"LoRA+: Efficient Low Rank Adaptation of Large Models\", "
        + "ICML 2024, arXiv 2402.12354",
      equation: "AdamW with η_B = ratio · η_A",
      mechanism: "B starts at zero and needs larger steps than A for both to learn in wide models.",
      useWhen: "Choose it with about half of LoRA's learning rate; it costs nothing.",
      options: [
        .number(
          "ratio", default: 16, in: Double.leastNonzeroMagnitude..<Double.infinity,
          "How many times A's learning rate B's is.")
      ] + AdamW.options)
  ) { options in
    { LoRAPlus(adamW: AdamW(options, undecayed: $0), ratio: options.number("ratio")) }
  }
}
