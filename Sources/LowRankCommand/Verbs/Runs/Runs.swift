import ArgumentParser

/// `lowrank runs`: the trainings that were kept.
struct Runs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show, compare, export and remove recorded training runs.",
    discussion: """
      Every run of train, pretrain and experiment is recorded in an SQLite file, the run store: settings, data, versions, measurements and outcome.

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
