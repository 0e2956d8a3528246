import ArgumentParser
import LowRank
import LowRankConsole

/// `lowrank-paper nested-ranks`: figure 3, how much of a small rank's subspace a large rank has.
struct NestedRanks: ParsableCommand {
  static let name = "nested-ranks"
  static let configuration = CommandConfiguration(
    commandName: name, abstract: "Figure 3: the subspace of rank 8 within that of rank 64.")

  @OptionGroup var options: ExperimentOptions

  func run() throws { try options.perform([(Self.name, Self.findings)]) }

  /// One matrix of both adapters.
  private struct Pair {
    let matrix: MatrixUpdate
    let grids: [MatrixUpdate.Side: SimilarityGrid]

    /// φ(1, 1).
    func first(_ side: MatrixUpdate.Side) -> Double { grids[side]?.phi(1, 1) ?? 0 }

    /// The grids in the order of the paper: A's own vectors first.
    var shown: [(side: MatrixUpdate.Side, grid: SimilarityGrid)] {
      [.readsByFactor, .reads, .writes].compactMap { side in grids[side].map { (side, $0) } }
    }
  }

  static func findings(in laboratory: Laboratory) throws -> Findings {
    // Of one seed the smaller A would begin as the first rows of the larger, and be alike without having learned anything.
    let seed = laboratory.options.seedBits
    let adapters = try [(8, seed), (64, seed &+ 1)].map { rank, seed in
      try laboratory.trained(laboratory.recipe([.query, .value], rank: rank, seed: seed))
    }
    let updates = try adapters.map { try laboratory.updates(of: $0) }
    let all = zip(updates[0], updates[1]).map { small, large in
      var grids: [MatrixUpdate.Side: SimilarityGrid] = [:]
      for side in MatrixUpdate.Side.allCases {
        grids[side] = SimilarityGrid(small.vectors(side), large.vectors(side))
      }
      return Pair(matrix: small, grids: grids)
    }
    let layer = laboratory.matrices.middleLayer
    let shown = all.filter { $0.matrix.layer == layer }
    var lines = ["φ(i, j) of rank 8 in rank 64, layer \(layer) (figure 3)"]
    for pair in shown {
      for (side, grid) in pair.shown {
        let columns = [1, 2, 4, 8, 16, 32, 64].filter { $0 <= grid.similarity.grid.columns }
        let rows = [1, 2, 4, 8].filter { $0 <= grid.similarity.grid.rows }
        let head = ["\(pair.matrix.role.symbol), \(side.title)"]
        lines +=
          TextTable(
            [head + columns.map { "j = \($0)" }]
              + rows.map { i in ["  i = \(i)"] + columns.map { grid.text(i, $0) } }
          ).lines + [""]
      }
    }
    lines.append("φ(1, 1) of every layer")
    lines +=
      TextTable(
        [["layer", "matrix"] + MatrixUpdate.Side.allCases.map(\.title)]
          + all.map { pair in
            [String(pair.matrix.layer), pair.matrix.role.symbol]
              + MatrixUpdate.Side.allCases.map { shareText(pair.first($0)) }
          }
      ).lines
    return Findings(
      lines: lines, report: report(shown, all, adapters, laboratory),
      json: laboratory.json(
        name, adapters,
        [
          "layer": .integer(layer),
          "similarity": .array(
            all.flatMap { pair in
              pair.shown.map { side, grid in
                [
                  "layer": .integer(pair.matrix.layer),
                  "matrix": .string(pair.matrix.role.letter),
                  "vectors": .string(side.rawValue), "phi": grid.json,
                ]
              }
            }),
        ]))
  }

  private static func report(
    _ shown: [Pair], _ all: [Pair], _ adapters: [TrainedAdapter], _ laboratory: Laboratory
  ) -> Report {
    let columns = [Site.Role.query, .value].flatMap { role in
      MatrixUpdate.Side.allCases.map { (role: role, side: $0) }
    }
    let layers = laboratory.matrices.layers
    return Report(
      "Rank 8 within rank 64",
      lead: """
        Figure 3 of the LoRA paper, which found that a large rank has the leading direction of a small one, and hardly the \
        others.
        """,
      facts: laboratory.facts,
      sections: [
        Report.Section(
          "Layer \(laboratory.matrices.middleLayer)",
          [
            .paragraph(
              """
              φ(i, j) is the share of the leading i directions of rank 8 that lies in the leading j of rank 64. The paper \
              takes the right singular vectors of A; those of ΔW do not depend on how it is divided into B and A, and \
              leave out what of A's random start B ignores. The two adapters are of different seeds, as of one seed the smaller \
              A would begin as the first rows of the larger.
              """)
          ]
            + shown.flatMap { pair in
              pair.shown.map { side, grid -> Report.Block in
                .figure(
                  grid.figure("φ(i, j) of \(pair.matrix.role.symbol), \(side.title)"),
                  caption: "i directions of rank 8 by j of rank 64.")
              }
            }),
        Report.Section(
          "All layers",
          [
            .figure(
              HeatMap(
                "φ(1, 1) by layer", rows: layers.map(String.init), rowTitle: "layer",
                columns: columns.map { "\($0.role.symbol), \($0.side.shortTitle)" },
                values: layers.map { layer in
                  columns.map { role, side in
                    all.first { $0.matrix.layer == layer && $0.matrix.role == role }?.first(side)
                  }
                }, scale: Axis("φ(1, 1)", covering: 0...1)),
              caption:
                "How far the leading direction, by left or right singular vectors, is the same at both ranks."
            )
          ]),
        laboratory.section(adapters),
      ])
  }
}
