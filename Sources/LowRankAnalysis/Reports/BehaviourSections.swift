import LowRankReports
import LowRankTokenizers

extension Report.Section {
  /// What an adapter does to predictions.
  static func behaviour(_ behaviour: Behaviour) -> [Report.Section] {
    [
      predictions(behaviour), inputs(behaviour),
      behaviour.ablations.isEmpty ? nil : ablations(behaviour),
    ].compactMap { $0 }
  }

  private static func predictions(_ behaviour: Behaviour) -> Report.Section {
    let tokens = behaviour.tokens.sorted { $0.divergence > $1.divergence }.prefix(24)
    return Report.Section(
      "Predictions",
      [
        .paragraph(
          """
          Over \(behaviour.tokens.count) tokens the adapter moves the base's prediction by a mean KL divergence of \
          \(NumberText.short(behaviour.divergence)) nats.
          """),
        .table(
          Report.Table(
            columns: ["after", "token", "KL", "ln p, base", "ln p, adapted"],
            rows: tokens.map { one in
              [
                .text("…" + behaviour.tokenizer.decode(Array(one.context.suffix(8)))),
                .text(behaviour.text(one.token)), .number(one.divergence), .number(one.before),
                .number(one.after),
              ]
            }), caption: "The tokens whose prediction moves most."),
        .table(
          Report.Table(
            columns: ["module", "σ₁", "raises", "lowers"],
            rows: behaviour.raised.map { one in
              [
                .name(one.path), .number(one.value),
                .text(one.raised.map(behaviour.text).joined(separator: " · ")),
                .text(one.lowered.map(behaviour.text).joined(separator: " · ")),
              ]
            }),
          caption: """
            The tokens that the leading output direction raises through the head, for modules that write to the \
            residual stream; its sign is free, so both ends are shown.
            """),
      ])
  }

  private static func inputs(_ behaviour: Behaviour) -> Report.Section? {
    guard !behaviour.inputs.isEmpty else { return nil }
    let grid = ModuleGrid(behaviour.inputs.map(\.path))
    return Report.Section(
      "Inputs",
      [
        .figure(
          grid.heatMap(
            "Share of the update in the inputs' principal subspace",
            behaviour.inputs.map { 100 * $0.subspace.share },
            scale: Axis("share of ‖ΔW‖_F²", unit: "%", covering: 0...100)),
          caption: """
            As many principal directions of the inputs as the update has rank; a random update would have \
            \(NumberText.short(100 * (behaviour.inputs.first?.subspace.baseline ?? 0))) % in the first module.
            """)
      ])
  }

  private static func ablations(_ behaviour: Behaviour) -> Report.Section {
    let largest = behaviour.ablations.sorted { $0.increase > $1.increase }.prefix(24)
    return Report.Section(
      "Ablation",
      [
        .figure(
          BarChart(
            "Increase of the loss without a part", subject: "part",
            axis: Axis("increase of the loss", unit: "nats a token"),
            bars: largest.map { one in
              BarChart.Bar(
                one.path + (one.direction.map { ", direction \($0)" } ?? ""), one.increase)
            }),
          caption: """
            The parts that matter most; the whole adapter has a loss of \
            \(NumberText.short(behaviour.loss ?? 0)).
            """)
      ])
  }
}
