import Foundation
import LowRankCompression
import LowRankReports

extension Report {
  /// The report of a compressed adapter: what was kept where, and what is certain about it.
  ///
  /// - Parameters:
  ///   - spectra: the singular values before, in the order of the certificate.
  ///   - facts: what is known besides, such as the sizes of files and losses.
  public init(
    _ certificate: Certificate, spectra: [Spectrum], named name: String, facts: [Fact] = []
  ) {
    let share = Double(certificate.parametersAfter) / Double(certificate.parametersBefore)
    self.init(
      "The compressed adapter \(name)",
      lead: "How far every module was pruned, and how far its update is from the one before.",
      facts: [
        Fact("rank", "\(certificate.rankBefore) → \(certificate.rankAfter)"),
        Fact(
          "parameters of the factors",
          "\(NumberText.integer(certificate.parametersBefore)) → "
            + "\(NumberText.integer(certificate.parametersAfter)) "
            + "(−\(NumberText.short(100 * (1 - share), digits: 3)) %)"),
        Fact(
          "energy discarded",
          NumberText.short(
            100 * certificate.discardedEnergy / max(certificate.energy, .leastNormalMagnitude),
            digits: 3) + " %"),
        Fact(
          certificate.magnitudes > 0
            ? "‖s·BA − s·B'A'‖_F, DoRA's magnitudes kept" : "‖ΔW − ΔW'‖_F",
          "at most \(NumberText.short(certificate.bound)) of "
            + NumberText.short(certificate.energy.squareRoot())),
      ] + facts,
      sections: [.allocation(certificate), .kept(certificate, spectra)])
  }

  /// The report of quality against size.
  ///
  /// - Parameter limit: the greatest loss that was accepted; nil where none was given.
  public init(
    _ points: [QualitySweep.Point], before: (parameters: Int, loss: Double), named name: String,
    limit: Double? = nil
  ) {
    var order: [String] = []
    for point in points where !order.contains(point.policy) { order.append(point.policy) }
    let series = order.map { policy in
      LinePlot.Series(
        policy,
        points.filter { $0.policy == policy }.sorted { $0.parameters < $1.parameters }
          .map { LinePlot.Point(Double($0.parameters), $0.loss) })
    }
    let plot = LinePlot(
      "Loss against size", x: Axis("parameters", scale: .logarithmic),
      y: Axis("loss", unit: "nats a token"), series: series,
      references: [.horizontal(before.loss, label: "whole adapter")]
        + (limit.map { [.horizontal($0, label: "accepted")] } ?? []))
    self.init(
      "Quality against size of \(name)",
      lead: "The loss of the adapter pruned to many sizes, by several ways of choosing ranks.",
      facts: [
        Fact("parameters", NumberText.integer(before.parameters)),
        Fact("loss", NumberText.short(before.loss, digits: 5)),
      ],
      sections: [
        Section(
          "Loss against size",
          [
            .figure(plot, caption: "Lower and further to the left is better."),
            .table(
              Table(
                columns: ["policy", "parameters", "rank", "loss"],
                rows: points.map { point in
                  [
                    .text(point.policy), .integer(point.parameters), .integer(point.rank),
                    .number(point.loss),
                  ]
                }), caption: "Every adapter that was measured."),
          ])
      ])
  }
}

extension Report.Section {
  fileprivate static func allocation(_ certificate: Certificate) -> Report.Section {
    let modules = certificate.modules
    let grid = ModuleGrid(modules.map(\.path))
    var blocks: [Report.Block] = [
      .figure(
        grid.heatMap(
          "Rank kept", modules.map { Double($0.rankAfter) },
          scale: Axis("rank", covering: 0...Double(modules.map(\.rankBefore).max() ?? 1))),
        caption: "By layer and projection; modules of rank 0 are left out of the adapter.")
    ]
    if modules.count <= 64 {
      blocks.append(
        .figure(
          BarChart(
            "Rank kept of rank before", subject: "module", axis: Axis("rank"),
            totalName: "rank before",
            bars: modules.map {
              BarChart.Bar($0.path, Double($0.rankAfter), of: Double($0.rankBefore))
            }
          ), caption: "Every module by itself."))
    }
    return Report.Section("Where rank is kept", blocks)
  }

  fileprivate static func kept(_ certificate: Certificate, _ spectra: [Spectrum]) -> Report.Section
  {
    let modules = certificate.modules
    func values(_ kept: Bool) -> [Double] {
      zip(spectra, modules).flatMap { spectrum, module in
        kept
          ? Array(spectrum.values.prefix(module.rankAfter))
          : Array(spectrum.values.dropFirst(module.rankAfter))
      }.sorted(by: >)
    }
    func points(_ values: [Double]) -> [LinePlot.Point] {
      let step = max(1, values.count / 200)
      return values.indices.filter { $0.isMultiple(of: step) || $0 == values.count - 1 }
        .map { LinePlot.Point(Double($0 + 1), values[$0]) }
    }
    return Report.Section(
      "What was cut off",
      [
        .figure(
          LinePlot(
            "Singular values", x: Axis("number, largest first"),
            y: Axis("σ", scale: .logarithmic),
            series: [
              LinePlot.Series("kept", points(values(true))),
              LinePlot.Series("cut off", points(values(false))),
            ]),
          caption: "Of all modules together; under a global threshold all that are kept are larger."
        ),
        .table(
          Report.Table(
            columns: ["module", "rank before", "rank", "energy lost (%)", "bound on ‖ΔW − ΔW'‖_F"],
            rows: modules.map { module in
              [
                .name(module.path), .integer(module.rankBefore), .integer(module.rankAfter),
                .number(module.energy > 0 ? 100 * module.discardedEnergy / module.energy : 0),
                .number(module.bound),
              ]
            }),
          caption:
            "What was cut off of every module, and how far its update can be from the one before."),
      ])
  }
}
