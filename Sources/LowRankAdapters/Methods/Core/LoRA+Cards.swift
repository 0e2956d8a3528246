extension LoRA {
  /// LoRA.
  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "lora", title: "LoRA",
      citation: "Hu et al., \"LoRA: Low-Rank Adaptation of Large Language Models\", "
        + "ICLR 2022, arXiv 2106.09685",
      equation: "W' = W + s·B A",
      mechanism: "A trained product of two thin factors is added to the frozen weight.",
      useWhen: "The default: every tool reads it, and it merges into W without a trace.",
      options: [dropoutOption],
      parameters: .init("L r (m + n)") { m, n, r, layers in layers * r * (m + n) },
      peftType: "LORA", laws: Set(Law.allCases))
  ) { LoRA(dropout: $0.number("dropout")) }

  /// DoRA.
  static let doraEntry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "dora", title: "DoRA",
      citation: "Liu et al., \"DoRA: Weight-Decomposed Low-Rank Adaptation\", ICML 2024, "
        + "arXiv 2402.09353",
      equation: "W' = diag(m / ‖V‖) V, V = W + s·B A, norms over the inputs of each output",
      mechanism:
        "The length of each row of the weight is trained apart from its direction, which LoRA turns.",
      useWhen: "Choose it at small ranks, where LoRA falls behind full fine-tuning; a step takes "
        + "longer.",
      options: [dropoutOption],
      parameters: .init("L (r (m + n) + m)") { m, n, r, layers in layers * (r * (m + n) + m) },
      peftType: "LORA", laws: Set(Law.allCases))
  ) { LoRA(dropout: $0.number("dropout"), hasMagnitude: true) }

  private static let dropoutOption = MethodOption.number(
    "dropout", default: 0, in: 0..<1,
    "The probability of dropping an element of the adapter's input while training.",
    peftKey: "lora_dropout")
}
