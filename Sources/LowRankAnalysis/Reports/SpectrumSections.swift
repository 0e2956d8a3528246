import Foundation
import LowRankAdapters
import LowRankReports

extension Report.Section {
  /// Norms and ranks of the modules of an adapter, and its spectra.
  static func spectra(of analysis: AdapterAnalysis, named name: String) -> Report.Section {
    let modules = analysis.modules
    let grid = ModuleGrid(modules.map(\.stored.path))
    return Report.Section(
      "Spectra of \(name)",
      [
        .figure(
          grid.heatMap(
            "Size of the updates", modules.map(\.summary.frobenius),
            scale: Axis("‖ΔW‖_F", covering: 0...0)),
          caption: "The Frobenius norm of every module's scaled update: where the adapter acts."),
        .figure(
          grid.heatMap(
            "Effective rank", modules.map(\.summary.effectiveRank),
            scale: Axis("effective rank", covering: 0...0)),
          caption: """
            How many directions an update uses, as e to the entropy of its singular values; the stored rank is at most \
            \(modules.map(\.stored.rank).max() ?? 0).
            """),
        .figure(
          byKind(modules),
          caption: "The mean over layers of each singular value, by projection."),
        .figure(
          pool(modules),
          caption: """
            All singular values of all modules in one order, as PARA prunes them, and how much of the energy lies in \
            those before.
            """),
        .table(table(modules), caption: "Every module by itself."),
      ])
  }

  private static func byKind(_ modules: [AdapterAnalysis.Module]) -> LinePlot {
    var (order, groups) = ([String](), [String: [[Double]]]())
    for module in modules {
      let kind = ModulePlace(module.stored.path).kind
      if groups[kind] == nil { order.append(kind) }
      groups[kind, default: []].append(module.summary.values)
    }
    let shown = order.prefix(8)
    let series = zip(shown, ModuleGrid.shortNames(of: Array(shown))).map { kind, name in
      let values = groups[kind] ?? []
      let longest = values.map(\.count).max() ?? 0
      return LinePlot.Series(
        name,
        (0..<longest).map { index in
          let present = values.compactMap { index < $0.count ? $0[index] : nil }
          return LinePlot.Point(
            Double(index + 1), present.reduce(0, +) / Double(max(1, present.count)))
        })
    }
    return LinePlot(
      "Singular values by projection", x: Axis("number of the component"),
      y: Axis("mean σ", scale: .logarithmic), series: series)
  }

  private static func pool(_ modules: [AdapterAnalysis.Module]) -> LinePlot {
    let values = modules.flatMap(\.summary.values).sorted(by: >)
    let energy = values.reduce(0) { $0 + $1 * $1 }
    var sum = 0.0
    let shares = values.map { value -> Double in
      sum += value * value
      return energy > 0 ? 100 * sum / energy : 0
    }
    // Two hundred points draw any curve.
    let step = max(1, values.count / 200)
    let shown = values.indices.filter { $0.isMultiple(of: step) || $0 == values.count - 1 }
    return LinePlot(
      "Energy in the largest components", x: Axis("components kept, of \(values.count)"),
      y: Axis("share of the energy", unit: "%", covering: 0...100),
      series: [
        LinePlot.Series(
          "all modules", shown.map { LinePlot.Point(Double($0 + 1), shares[$0]) })
      ],
      references: [.horizontal(90, label: "90 %")])
  }

  private static func table(_ modules: [AdapterAnalysis.Module]) -> Report.Table {
    Report.Table(
      columns: [
        "module", "rank", "‖ΔW‖_F", "σ₁", "stable rank", "effective rank", "90 % of energy in",
        "imbalance",
      ],
      rows: modules.map { module in
        let summary = module.summary
        return [
          .name(module.stored.path), .integer(module.stored.rank), .number(summary.frobenius),
          .number(summary.spectral), .number(summary.stableRank), .number(summary.effectiveRank),
          .integer(summary.rank(holding: 0.9)), .number(module.balance.imbalance),
        ]
      })
  }
}
