import LowRankReports

extension Report.Section {
  /// What modules read, as curves along their channels.
  static func spline(_ components: SmoothComponents) -> Report.Section {
    var blocks: [Report.Block] = [
      .paragraph(
        """
        Right singular vectors of the largest updates, along the order of the inputs' channels. The curves are smoothing splines \
        whose smoothness cross-validation chose; a share near 1 means that a direction is smooth, as those of spline starts are.
        """)
    ]
    for module in components.modules {
      let series = module.curves.enumerated().map { index, curve in
        // Five hundred points draw any curve.
        let step = max(1, curve.values.count / 500)
        return LinePlot.Series(
          "direction \(index + 1)",
          stride(from: 0, to: curve.values.count, by: step).map {
            LinePlot.Point(Double($0), curve.values[$0])
          })
      }
      blocks.append(
        .figure(
          LinePlot(
            "What \(module.path) reads", x: Axis("channel of the input"),
            y: Axis("smoothed entry of the direction", covering: 0...0), series: series),
          caption: "The leading directions of the update of \(module.path)."))
    }
    blocks.append(
      .table(
        Report.Table(
          columns: ["module", "direction", "smooth share", "λ"],
          rows: components.modules.flatMap { module in
            module.curves.enumerated().map { index, curve in
              [
                .name(module.path), .integer(index + 1), .number(curve.kept),
                .number(curve.smoothing),
              ]
            }
          }),
        caption: "The share of a direction's variance that its curve has."))
    return Report.Section("Smooth directions", blocks)
  }
}
