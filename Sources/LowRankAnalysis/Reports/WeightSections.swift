import LowRankReports

extension Report.Section {
  /// Updates beside the weights that they change: amplification and intruder dimensions.
  static func weights(_ comparison: WeightComparison) -> [Report.Section] {
    let modules = comparison.modules
    let grid = ModuleGrid(modules.map(\.path))
    let factors = modules.map { module in
      module.amplifications.last.flatMap { $0.factor.isFinite ? $0.factor : nil }
    }
    let amplification = Report.Section(
      "Amplification",
      [
        .paragraph(
          """
          The factor is ‖ΔW‖_F divided by ‖UᵀWV‖_F, with the singular directions U and V of ΔW: how strongly an update amplifies \
          directions that the weight itself hardly has. Beside it stand the directions of W and random ones, as in table 7 \
          of the LoRA paper.
          """),
        .figure(
          grid.heatMap(
            "Amplification factor", factors, scale: Axis("factor", covering: 0...0)),
          caption: "All directions of every update."),
        .table(
          Report.Table(
            columns: [
              "module", "r", "‖UᵀWV‖_F of ΔW", "of W", "random", "‖ΔW‖_F", "‖W‖_F", "factor",
            ],
            rows: modules.flatMap { module in
              module.amplifications.map { one in
                [
                  .name(module.path), .integer(one.rank), .number(one.inUpdate),
                  .number(one.inWeight), .number(one.inRandom), .number(one.updateNorm),
                  .number(one.weightNorm), one.factor.isFinite ? .number(one.factor) : .empty,
                ]
              }
            }), caption: "The paper's table 7 for every module."),
      ])
    let searched = modules.compactMap { module in module.intruders.map { (module.path, $0) } }
    guard !searched.isEmpty else { return [amplification] }
    let found = searched.flatMap { path, all in all.intruders.map { (path, $0) } }
    return [
      amplification,
      Report.Section(
        "Intruder dimensions",
        [
          .figure(
            grid.heatMap(
              "Intruders among the ten leading directions",
              modules.map { $0.intruders.map { Double($0.intruders.count) } },
              scale: Axis("intruders", covering: 0...1)),
            caption: "Leading singular directions of W + ΔW that W does not have."),
          .table(
            Report.Table(
              columns: ["module", "direction", "σ of W + ΔW", "largest cosine with W"],
              rows: found.map { path, one in
                [
                  .name(path), .integer(one.index), .number(one.value), .number(one.similarity),
                ]
              }), caption: found.isEmpty ? "There are none." : "Every intruder."),
        ]),
    ]
  }
}
