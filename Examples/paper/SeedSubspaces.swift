import ArgumentParser
import LowRank
import LowRankConsole

/// `lowrank-paper seeds`: figure 4, what adapters of different seeds have in common.
struct SeedSubspaces: ParsableCommand {
  static let name = "seeds"
  static let configuration = CommandConfiguration(
    commandName: name,
    abstract: "Figure 4: subspaces that adapters of two seeds share, beside random ones.")

  @OptionGroup var options: ExperimentOptions

  @Option(parsing: .unconditional, help: ArgumentHelp("The rank of both adapters.", valueName: "r"))
  var rank: Int = 64

  func run() throws {
    guard (1...65_536).contains(rank) else {
      throw UsageError("--rank is \(rank), expected a number from 1 to 65536")
    }
    try options.perform([(Self.name, { try Self.findings(in: $0, rank: rank) })])
  }

  /// One matrix and one kind of singular vectors of both adapters.
  private struct Pair {
    let matrix: MatrixUpdate
    let side: MatrixUpdate.Side
    let grid: SimilarityGrid

    var name: String { "\(matrix.role.symbol), \(side.title)" }
  }

  static func findings(in laboratory: Laboratory, rank: Int = 64) throws -> Findings {
    let seeds = [laboratory.options.seedBits, laboratory.options.seedBits &+ 1]
    let adapters = try seeds.map { seed in
      try laboratory.trained(laboratory.recipe([.query, .value], rank: rank, seed: seed))
    }
    let updates = try adapters.map { try laboratory.updates(of: $0) }
    let all = zip(updates[0], updates[1]).flatMap { first, second in
      MatrixUpdate.Side.allCases.map { side in
        Pair(
          matrix: first, side: side,
          grid: SimilarityGrid(first.vectors(side), second.vectors(side)))
      }
    }
    let layer = laboratory.matrices.middleLayer
    let shown = all.filter { $0.matrix.layer == layer }
    var random: [Int: SimilarityGrid] = [:]
    for pair in shown where random[pair.grid.similarity.dimension] == nil {
      random[pair.grid.similarity.dimension] = try SimilarityGrid(
        randomLike: pair.grid, seed: laboratory.options.seedBits)
    }
    let baselines = random.sorted { $0.key > $1.key }.map { ("Gaussian, n = \($0)", $1) }
    let rows = shown.map { ($0.name, $0.grid) } + baselines
    let greatest = shown.map { $0.grid.similarity.grid.rows }.max() ?? 1
    let ranks = [1, 2, 4, 8, 16, 32, 64].filter { $0 <= greatest }
    return Findings(
      lines: [
        "φ(i, i) of two seeds at r = \(rank), layer \(layer) (figure 4)"
      ]
        + TextTable(
          [[""] + ranks.map { "i = \($0)" }]
            + rows.map { name, grid in [name] + ranks.map { grid.text($0, $0) } }
        ).lines,
      report: report(shown, all, baselines, adapters, laboratory),
      json: laboratory.json(
        name, adapters,
        [
          "layer": .integer(layer),
          "similarity": .array(
            all.map { pair in
              [
                "layer": .integer(pair.matrix.layer), "matrix": .string(pair.matrix.role.letter),
                "vectors": .string(pair.side.rawValue), "phi": pair.grid.json,
              ]
            }),
          "random": .array(
            baselines.map { ["name": .string($0), "phi": $1.json] }),
        ]))
  }

  private static func report(
    _ shown: [Pair], _ all: [Pair], _ baselines: [(String, SimilarityGrid)],
    _ adapters: [TrainedAdapter], _ laboratory: Laboratory
  ) -> Report {
    let layer = laboratory.matrices.middleLayer
    return Report(
      "Subspaces of two seeds",
      lead: """
        Figure 4 of the LoRA paper, which found that two runs share some leading directions, those that the task asks for, \
        where random matrices share none.
        """,
      facts: laboratory.facts,
      sections: [
        Report.Section(
          "Layer \(layer)",
          [
            .paragraph(
              """
              φ(i, j) is the share of the smaller of two subspaces, of i leading directions of one run and j of the other, \
              that lies in the other. Random ones of n dimensions have max(i, j)/n, so at the far corner φ says little \
              where r is near n.
              """)
          ]
            + shown.map { pair in
              .figure(
                pair.grid.figure("φ(i, j) of \(pair.name)"),
                caption: "Seed \(adapters[0].recipe.seed) by seed \(adapters[1].recipe.seed).")
            }),
        Report.Section(
          "Beside random matrices",
          baselines.map { name, grid in
            .figure(
              grid.figure("φ(i, j) of \(name)"),
              caption: "The leading singular directions of two independent Gaussian matrices.")
          }),
        Report.Section(
          "All layers",
          [
            .table(
              Report.Table(
                columns: ["layer", "vectors", "φ(1, 1)", "φ(4, 4)", "φ(8, 8)"],
                rows: all.map { pair in
                  [.integer(pair.matrix.layer), .text(pair.name)]
                    + [1, 4, 8].map { pair.grid.phi($0, $0).map { .number($0) } ?? .empty }
                }), caption: "A row for each matrix and kind of singular vectors.")
          ]),
        laboratory.section(adapters),
      ])
  }
}
