import ArgumentParser
import LowRank
import LowRankConsole

/// `lowrank-paper which-matrices`: table 5, where a number of parameters is best spent.
struct WhichMatrices: ParsableCommand {
  static let name = "which-matrices"
  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Table 5: validation loss of seven sets of matrices with equally many parameters.")

  @OptionGroup var options: ExperimentOptions

  func run() throws { try options.perform([(Self.name, Self.findings)]) }

  private static let sets: [[Site.Role]] = [
    [.query], [.key], [.value], [.attentionOutput], [.query, .key], [.query, .value],
    AttentionMatrices.roles,
  ]
  /// The rank of the query alone, which makes the budget.
  private static let rank = 8

  static func findings(in laboratory: Laboratory) throws -> Findings {
    let matrices = laboratory.matrices
    let budget = laboratory.recipe([.query], rank: rank).ranks[0] * matrices[.query].cost
    let results = try sets.map { roles in
      try laboratory.trained(
        Recipe(
          roles: roles, ranks: matrices.ranks(of: roles, parameters: budget),
          seed: laboratory.options.seedBits))
    }
    let rows: [[String]] = [
      [""] + results.map { $0.recipe.roles.map(\.symbol).joined(separator: ",") },
      ["rank r"] + results.map { $0.recipe.rankText.replacing(" ", with: "") },
      ["parameters"] + results.map { NumberText.integer($0.parameters) },
      ["loss"] + results.map { lossText($0.loss) },
    ]
    let total = budget * matrices.layers.count
    return Findings(
      lines: [
        "validation loss at about \(NumberText.integer(total)) parameters (table 5); "
          + "without an adapter \(lossText(laboratory.baseLoss))"
      ] + TextTable(rows).lines,
      report: report(results, total, laboratory),
      json: laboratory.json(
        name, results,
        ["base_loss": .double(laboratory.baseLoss), "parameter_budget": .integer(total)]))
  }

  private static func report(
    _ results: [TrainedAdapter], _ total: Int, _ laboratory: Laboratory
  ) -> Report {
    Report(
      "Which matrices",
      lead: """
        Table 5 of the LoRA paper, which found that more matrices at a lower rank make more of the same number of \
        parameters than one at a higher.
        """,
      facts: laboratory.facts + [.init("parameters", NumberText.integer(total))],
      sections: [
        Report.Section(
          "Validation loss",
          [
            .table(
              Report.Table(
                columns: ["matrices", "rank", "parameters", "loss", "gain"],
                rows: results.map { one in
                  [
                    .text(one.recipe.symbols), .text(one.recipe.rankText),
                    .integer(one.parameters), .number(one.loss),
                    .number(laboratory.baseLoss - one.loss),
                  ]
                }),
              caption: """
                Nats a token; the gain is over the model without an adapter, \
                \(NumberText.short(laboratory.baseLoss)). Where matrices differ in size the ranks are those whose \
                parameters are nearest to those of Wq alone.
                """),
            .figure(
              BarChart(
                "Gain of validation loss", subject: "matrices", axis: Axis("gain", unit: "nats"),
                bars: results.map { one in
                  .init(
                    "\(one.recipe.symbols) (r = \(one.recipe.rankText))",
                    laboratory.baseLoss - one.loss)
                }),
              caption: "How much lower the loss is than without an adapter: longer is better."),
            .paragraph(
              """
              On GPT-3 with 18 million parameters the paper found on WikiSQL 70.4 % accuracy with Wq, 70.0 with Wk, 73.0 \
              with Wv, 73.2 with Wo, 71.4 with Wq and Wk, and 73.7 both with Wq and Wv and with all four.
              """),
          ]),
        laboratory.section(results),
      ])
  }
}
