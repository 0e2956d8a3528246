extension AdaLoRA {
  static let entry = MethodRegistry<RankRule>.Entry(
    MethodCard(
      name: "adalora", title: "AdaLoRA",
      citation: "Zhang et al., \"AdaLoRA: Adaptive Budget Allocation for Parameter-Efficient "
        + "Fine-Tuning\", ICLR 2023, arXiv 2303.10512",
      equation: "E_i = 0 for the least S_i = s(E_i) + mean s(A_i) + mean s(B_i), s = Ī·Ū of "
        + "|p ∂L/∂p|, until target_r directions a module are left",
      mechanism: "Directions of all modules compete by how much the loss depends on them, for a "
        + "budget that shrinks with the third power of what is left of the run.",
      useWhen: "Choose it to end with the ranks that a task needs; it takes the method "
        + "svd, and modules start with the rank of the run (12 unless given).",
      options: [
        .integer(
          "target_r", default: 8, in: 1...AdapterConfiguration.greatestRank,
          "The mean rank of a module at the end.", peftKey: "target_r"),
        .integer(
          "tinit", default: 0, in: 0...1_000_000_000, "The steps before directions go.",
          peftKey: "tinit"),
        .integer(
          "tfinal", default: 0, in: 0...1_000_000_000,
          "The last steps, in which the ranks stay.", peftKey: "tfinal"),
        .integer(
          "deltaT", default: 1, in: 1...1_000_000_000,
          "Every how many steps directions are chosen.", peftKey: "deltaT"),
        .number(
          "beta1", default: 0.85, in: 0..<1, "The decay of the mean sensitivity.",
          peftKey: "beta1"),
        .number(
          "beta2", default: 0.85, in: 0..<1, "The decay of the mean uncertainty.",
          peftKey: "beta2"),
      ], peftType: "ADALORA")
  ) { options in
    RankRule(
      standardRank: 12, architectures: ["svd"],
      reason: "it prunes directions that have a number of their own, which svd has",
      allocator: { adapter, steps, _ in try AdaLoRA(adapter, steps: steps, options) })
  }
}
