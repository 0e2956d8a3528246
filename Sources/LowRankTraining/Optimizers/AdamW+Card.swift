import LowRankAdapters
import LowRankTensors

extension AdamW {
  static let entry = MethodRegistry<OptimizerMaker>.Entry(
    MethodCard(
      name: "adamw", title: "AdamW",
      citation: "Loshchilov and Hutter, \"Decoupled Weight Decay Regularization\", ICLR 2019, "
        + "arXiv 1711.05101",
      equation: "m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², p ← p − η (m̂ / (√v̂ + ε) + λp)",
      mechanism: "Every number moves by its mean gradient over the root of its mean square.",
      useWhen: "The default, with torch's defaults.",
      options: options)
  ) { options in { AdamW(options, undecayed: $0) } }

  /// The options of AdamW, which every optimizer has for the parameters that it leaves to it.
  static let options = options(epsilon: 1e-8)

  /// The options, with another default of epsilon.
  static func options(epsilon: Double) -> [MethodOption] {
    [
      .number("beta1", default: 0.9, in: 0..<1, "The decay of the mean of gradients."),
      .number("beta2", default: 0.999, in: 0..<1, "The decay of the mean of their squares."),
      .number(
        "eps", default: epsilon, in: Double.leastNonzeroMagnitude..<Double.infinity,
        "What is added to the divisor."),
      .number(
        "weight_decay", default: 0, in: 0..<Double.infinity,
        "How much of itself a weight loses at a step, as a multiple of the rate."),
    ]
  }

  /// The rule that options ask for.
  init(_ options: MethodOptions, undecayed: Set<Parameter.Role>) {
    self.init(
      beta1: options.number("beta1"), beta2: options.number("beta2"),
      epsilon: options.number("eps"), weightDecay: options.number("weight_decay"),
      undecayed: undecayed)
  }
}
