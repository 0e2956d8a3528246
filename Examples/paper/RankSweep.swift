import ArgumentParser
import LowRank
import LowRankConsole

/// `lowrank-paper rank-sweep`: table 6, how the loss depends on the rank.
struct RankSweep: ParsableCommand {
  static let name = "rank-sweep"
  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Table 6: validation loss against rank, for three sets of matrices.")

  @OptionGroup var options: ExperimentOptions

  func run() throws { try options.perform([(Self.name, Self.findings)]) }

  private static let sets: [[Site.Role]] = [
    [.query], [.query, .value], AttentionMatrices.roles,
  ]
  private static let ranks = [1, 2, 4, 8, 64]

  static func findings(in laboratory: Laboratory) throws -> Findings {
    let results = try sets.map { roles in
      try ranks.map { try laboratory.trained(laboratory.recipe(roles, rank: $0)) }
    }
    let heads = ranks.map { "r = \($0)" }
    func lines(_ text: (TrainedAdapter) -> String) -> [String] {
      TextTable([[""] + heads] + results.map { row in [row[0].recipe.symbols] + row.map(text) })
        .lines
    }
    return Findings(
      lines: [
        "validation loss by rank (table 6); without an adapter \(lossText(laboratory.baseLoss))"
      ] + lines { lossText($0.loss) } + ["", "parameters"]
        + lines { NumberText.integer($0.parameters) },
      report: report(results, laboratory),
      json: laboratory.json(
        name, results.flatMap { $0 }, ["base_loss": .double(laboratory.baseLoss)]))
  }

  private static func report(_ results: [[TrainedAdapter]], _ laboratory: Laboratory) -> Report {
    func table(_ cell: (TrainedAdapter) -> Report.Table.Cell) -> Report.Table {
      Report.Table(
        columns: ["matrices"] + ranks.map { "r = \($0)" },
        rows: results.map { [.text($0[0].recipe.symbols)] + $0.map(cell) })
    }
    let series = results.map { row in
      LinePlot.Series(
        row[0].recipe.symbols, zip(ranks, row).map { .init(Double($0.0), $0.1.loss) })
    }
    return Report(
      "Loss by rank",
      lead: """
        Table 6 of the LoRA paper, which found that a small rank is enough, and that more matrices at a small rank are \
        better than one at a large one.
        """,
      facts: laboratory.facts,
      sections: [
        Report.Section(
          "Validation loss",
          [
            .table(
              table { .number($0.loss) },
              caption:
                "Nats a token; without an adapter \(NumberText.short(laboratory.baseLoss))."),
            .figure(
              LinePlot(
                "Validation loss against rank", x: Axis("rank", scale: .logarithmic),
                y: Axis("validation loss"), series: series),
              caption: "α is \(Int(Recipe.alpha)) at every rank, as the paper keeps it."),
            .table(
              table { .integer($0.parameters) },
              caption: "Trained parameters. A rank that a matrix is too small for is cut."),
            .paragraph(
              """
              On GPT-3 and WikiSQL the paper found 68.8, 69.6, 70.5, 70.4 and 70.0 % accuracy with Wq, 73.3 to 73.8 % with \
              Wq and Wv, and 73.7 to 74.1 % with all four, at ranks 1, 2, 4, 8 and 64.
              """),
          ]),
        laboratory.section(results.flatMap { $0 }),
      ])
  }
}
