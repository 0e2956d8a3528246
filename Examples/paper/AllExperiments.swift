import ArgumentParser
import LowRank

/// `lowrank-paper all`: every experiment, on the same adapters.
struct AllExperiments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Run all experiments; each adapter is trained once.")

  @OptionGroup var options: ExperimentOptions

  func run() throws {
    try options.perform([
      (RankSweep.name, RankSweep.findings),
      (WhichMatrices.name, WhichMatrices.findings),
      (SeedSubspaces.name, { try SeedSubspaces.findings(in: $0) }),
      (NestedRanks.name, NestedRanks.findings),
      (AmplificationFactors.name, AmplificationFactors.findings),
    ])
  }
}
