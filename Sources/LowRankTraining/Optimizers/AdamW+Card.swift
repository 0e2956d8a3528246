import LowRankAdapters

extension AdamW {
  static let entry = MethodRegistry<OptimizerMaker>.Entry(
    MethodCard(
      name: "adamw", title: "AdamW",
      citation: "Loshchilov and Hutter, \"Decoupled Weight Decay Regularization\", ICLR 2019, "
        + "arXiv 1711.05101",
      equation: "m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← p − η (m̂ / (√v̂ + ε) + λp)",
      mechanism: "Every number moves by its mean gradient over the root of its mean square.",
      useWhen: "The default, with torch's defaults.",
      options: [
        .number("beta1", default: 0.9, in: 0..<1, "The decay of the mean of gradients."),
        .number("beta2", default: 0.999, in: 0..<1, "The decay of the mean of their squares."),
        .number(
          "eps", default: 1e-8, in: Double.leastNonzeroMagnitude..<Double.infinity,
          "What is added to the divisor."),
        .number(
          "weight_decay", default: 0, in: 0..<Double.infinity,
          "How much of itself a weight loses at a step, as a multiple of the rate."),
      ])
  ) { options in
    { undecayed in
      AdamW(
        beta1: options.number("beta1"), beta2: options.number("beta2"),
        epsilon: options.number("eps"), weightDecay: options.number("weight_decay"),
        undecayed: undecayed)
    }
  }
}
