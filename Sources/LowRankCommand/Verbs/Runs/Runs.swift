import ArgumentParser

/// `lowrank runs`: the trainings that were kept.
struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, compare and export the trainings that were kept.",
    discussion: """
      Every training is kept in an SQLite file: its configuration, data, versions, measurements and outcome.

      EXAMPLES:
        lowrank runs
        lowrank runs show 3
        lowrank runs compare 2 3
        lowrank runs export 3 --wide --output run.csv
        lowrank runs export 2 3 --tensorboard logs
      """,
    subcommands: [
      RunsList.self, RunsShow.self, RunsCompare.self, RunsExport.self, RunsRemove.self,
    ],
    defaultSubcommand: RunsList.self)
}
