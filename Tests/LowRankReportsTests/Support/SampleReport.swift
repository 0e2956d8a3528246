import Foundation
import LowRankReports

/// A report as `analyze` and `compress --sweep` would make it, of 224 modules.
enum SampleReport {
  static let projections = ["q", "k", "v", "o", "gate", "up", "down"].map { $0 + "_proj" }

  /// A number from 0 to 1 that looks random.
  static func noise(_ seed: Int) -> Double {
    let number = sin(Double(seed) * 12.9898) * 43758.5453
    return number - number.rounded(.down)
  }

  static func energy(_ layer: Int, _ projection: Int) -> Double {
    0.15 + 0.6 * sin(Double(layer) / 11) * (0.4 + 0.1 * Double(projection))
      + 0.2 * noise(layer * 7 + projection)
  }

  static let heatMap = HeatMap(
    "Energy of the update by module", rows: (0..<32).map(String.init), rowTitle: "layer",
    columns: projections, columnTitle: "projection",
    values: (0..<32).map { layer in
      (0..<7).map { layer == 13 && $0 == 2 ? nil : energy(layer, $0) }
    },
    scale: Axis("energy", unit: "‖ΔW‖²"))

  static let grid = HeatMap(
    "Similarity of the layers’ updates", rows: (0..<64).map(String.init), rowTitle: "layer",
    columns: (0..<64).map(String.init), columnTitle: "layer",
    values: (0..<64).map { row in
      (0..<64).map { exp(-abs(Double(row - $0)) / 9) * (0.8 + 0.2 * noise(row * 64 + $0)) }
    },
    scale: Axis("cosine", covering: 0...1))

  static let sweep = LinePlot(
    "Loss against the share of ranks kept",
    x: Axis("ranks kept", unit: "%", scale: .logarithmic),
    y: Axis("validation loss", unit: "nats per token"),
    series: ["PARA, one spectrum for all modules", "uniform ranks", "largest components first"]
      .enumerated().map { index, name in
        LinePlot.Series(
          name,
          [1, 2, 5, 10, 25, 50, 75, 100].map {
            LinePlot.Point($0, 2.31 + (0.9 + 0.35 * Double(index)) / (1 + $0 / 3.0))
          })
      },
    references: [
      .horizontal(2.31, label: "adapter before"), .vertical(25, label: "chosen: 25 %"),
    ])

  static let spectrum = LinePlot(
    "Singular values of eight modules", x: Axis("component"),
    y: Axis("singular value", scale: .logarithmic),
    series: (0..<8).map { index in
      LinePlot.Series(
        "layers.\(index * 4).self_attn.q_proj",
        (1...32).map {
          LinePlot.Point(
            Double($0),
            index == 7 && $0 > 30 ? 0 : 3 * exp(-Double($0) / (3 + 2 * Double(index))))
        })
    })

  static let bars = BarChart(
    "Ranks kept", subject: "module", axis: Axis("rank kept"), totalName: "rank before",
    bars: (0..<24).map {
      BarChart.Bar("model.layers.\($0).self_attn.q_proj", Double(($0 * 7) % 17), of: 16)
    })

  static let time = BarChart(
    "Time of each step", subject: "step", axis: Axis("time", unit: "s"),
    bars: [
      BarChart.Bar("train", 41.3), BarChart.Bar("evaluate", 6.52), BarChart.Bar("merge", 1.07),
      BarChart.Bar("compress", 0.384),
    ])

  static let losses = LinePlot(
    "Loss in training", x: Axis("step"), y: Axis("loss", unit: "nats per token"),
    series: [
      LinePlot.Series(
        "training",
        (1...600).map {
          LinePlot.Point(
            Double($0), 1.9 + 2.2 * exp(-Double($0) / 70) + 0.35 * (noise($0) - 0.5))
        }),
      LinePlot.Series(
        "validation",
        stride(from: 50, through: 600, by: 50).map {
          LinePlot.Point(Double($0), 2.02 + 1.9 * exp(-Double($0) / 80))
        }),
    ])

  static let modules = Report.Table(
    columns: ["Module", "Rank", "Kept", "Energy", "Stable rank"],
    rows: (0..<224).map {
      let (layer, projection) = ($0 / 7, $0 % 7)
      let block = projection < 4 ? "self_attn" : "mlp"
      return [
        .name("model.layers.\(layer).\(block).\(projections[projection])"), .integer(16),
        .integer($0 * 5 % 17), .number(energy(layer, projection)), .number(1 + 3 * noise($0)),
      ]
    })

  static let report = Report(
    "Adapter e2e: what it learned, and where",
    lead: """
      Most of the update is in the upper half of the layers, and most modules use a small part of their rank. A \
      quarter of the ranks keeps the validation loss within 0.01.
      """,
    facts: [
      Report.Fact("Adapter", "adapters/e2e"), Report.Fact("Base", "SmolLM-135M"),
      Report.Fact("Method", "LoRA, rank 16, α 32"), Report.Fact("Modules", "224"),
      Report.Fact("Parameters", "4,884,480"), Report.Fact("Energy", "3.187"),
    ],
    sections: [
      Report.Section(
        "Where the update is",
        [
          .paragraph(
            "The energy of a module is the squared Frobenius norm of its update, scale included."),
          .figure(
            heatMap,
            caption: "Brighter modules were changed more. The struck-through one is not adapted."),
          .figure(grid, caption: "The cosine between the updates of two layers’ queries."),
        ]),
      Report.Section(
        "How much rank it uses",
        [
          .figure(spectrum, caption: "Values that fall fast leave components that can be cut."),
          .figure(bars, caption: "Under a budget of 25 % for all modules together."),
        ]),
      Report.Section(
        "What compression costs",
        [
          .figure(sweep, caption: "Measured on the validation set with each adapter in place."),
          .figure(losses, caption: "The run that the adapter is from."),
          .figure(time, caption: "On two cores."),
        ]),
      Report.Section("All modules", [.table(modules, caption: "Every adapted module.")]),
    ])
}
