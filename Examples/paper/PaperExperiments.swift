import ArgumentParser

/// The command line: one experiment of the LoRA paper a file.
struct PaperExperiments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lowrank-paper",
    abstract: "The experiments of the LoRA paper, arXiv 2106.09685, on a model and data of yours.",
    discussion: """
      An experiment trains the adapters that it needs into OUTPUT/adapters, from which others and a rerun take them, prints \
      its table, and writes report.html and result.json into a folder of its name in OUTPUT. With --json the result is \
      printed as one JSON object. Exit codes: 0 done, 1 failed, 2 wrong usage.

      EXAMPLES:
        lowrank-paper rank-sweep --model models/smollm --data data/e2e --output paper
        lowrank-paper all --model models/smollm --data data/e2e --output paper --iters 1000
      """,
    subcommands: [
      RankSweep.self, WhichMatrices.self, SeedSubspaces.self, NestedRanks.self,
      AmplificationFactors.self, AllExperiments.self,
    ])
}
