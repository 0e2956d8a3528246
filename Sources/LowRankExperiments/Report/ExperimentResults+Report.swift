import LowRank
import LowRankSessions

extension ExperimentResults {
  /// The results as a page of tables and figures.
  public var report: Report {
    let name = plan.metric.rawValue.replacing("_", with: " ")
    let place = isHeldOut ? "held-out rows" : "validation rows"
    return Report(
      "Experiment",
      lead: """
        \(counted(summary.count, "variant")), each at the best of \(counted(plan.rates.count, "learning rate")) by \
        validation, with \(counted(plan.seeds.count, "seed")), compared by \(name) on \(place). Baseline: \
        \(summary.first?.variant ?? "").\(plan.seeds.count < 2 ? " One seed has no interval and no p; two or more have." : "")
        """,
      facts: facts,
      sections: [
        Report.Section(
          "Variants",
          [
            .table(
              table,
              caption: """
                Means over seeds with their standard deviation; differences to the baseline by runs with the same seed, \
                with 95 % intervals of Student's t; p after Holm's correction for \
                \(counted(max(0, summary.count - 1), "comparison")).
                """),
            .figure(
              differences, caption: "Each variant's difference to the baseline, seed by seed."),
          ]),
        Report.Section(
          "Learning rates",
          [.figure(rates, caption: "Mean validation \(name) over seeds by learning rate.")]),
        Report.Section(
          "Curves",
          [.figure(curves, caption: "Mean validation loss over seeds, at the best rate.")]),
      ] + failures)
  }

  private var facts: [Report.Fact] {
    let base = plan.base
    return [
      Report.Fact("model", base["model"].map(Variant.text) ?? "varied"),
      Report.Fact("data", base["data"].map(Variant.text) ?? "varied"),
      Report.Fact("runs", "\(runs.count)"),
      Report.Fact("seconds of training", NumberText.short(runs.reduce(0) { $0 + $1.seconds })),
    ]
  }

  private var table: Report.Table {
    func cell(_ value: Double?) -> Report.Table.Cell {
      value.flatMap { $0.isFinite ? .number($0) : nil } ?? .empty
    }
    return Report.Table(
      columns: [
        "variant", "parameters", "best rate", "mean", "spread", "difference", "low", "high",
        "p (Holm)", "steps to baseline", "forgetting",
      ],
      rows: summary.map { variant in
        [
          .name(variant.variant), .integer(variant.parameters), cell(variant.bestRate),
          cell(variant.values.mean), cell(variant.values.deviation),
          cell(variant.difference?.mean), cell(variant.difference?.low),
          cell(variant.difference?.high), cell(variant.correctedProbability),
          variant.stepsToBaseline.map { .integer($0) } ?? .empty, cell(variant.forgetting.mean),
        ]
      })
  }

  private var differences: LinePlot {
    let baseline = summary.first.map(bestRuns) ?? []
    func value(_ run: RunRecord) -> Double {
      (isHeldOut ? run.test : run.valid)[plan.metric.rawValue] ?? .nan
    }
    let series = summary.dropFirst().map { variant in
      LinePlot.Series(
        variant.variant,
        bestRuns(of: variant).compactMap { run in
          baseline.first { $0.seed == run.seed }
            .map { LinePlot.Point(Double(run.seed), value(run) - value($0)) }
        })
    }
    return LinePlot(
      "Differences to the baseline", x: Axis("seed"),
      y: Axis("difference in \(plan.metric.rawValue)"),
      series: Array(series), references: [.horizontal(0, label: "baseline")])
  }

  private var rates: LinePlot {
    let series = summary.map { variant in
      LinePlot.Series(
        variant.variant,
        plan.rates.map { rate in
          let found = runs.filter {
            $0.variant == variant.variant && $0.rate == rate && !$0.isTrial && $0.failure == nil
          }
          return LinePlot.Point(rate, SampleSummary(found.map { $0.valid(plan.metric) }).mean)
        })
    }
    return LinePlot(
      "Sensitivity to the learning rate", x: Axis("learning rate", scale: .logarithmic),
      y: Axis("validation \(plan.metric.rawValue)"), series: series)
  }

  /// The loss of each variant on validation rows by step.
  var curves: LinePlot {
    LinePlot(
      "Validation loss", x: Axis("step"), y: Axis("loss"),
      series: summary.map { variant in
        LinePlot.Series(
          variant.variant,
          MeanCurve(bestRuns(of: variant)).points.map { LinePlot.Point(Double($0.step), $0.loss) })
      })
  }

  private var failures: [Report.Section] {
    let failed = runs.filter { $0.failure != nil }
    guard !failed.isEmpty else { return [] }
    return [
      Report.Section(
        "Runs that failed",
        [
          .table(
            Report.Table(
              columns: ["run", "reason"],
              rows: failed.map { [.name($0.name), .text($0.failure ?? "")] }),
            caption: "They count for no mean.")
        ])
    ]
  }
}
