import ArgumentParser
import Foundation
import LowRank

/// `lowrank train`: trains an adapter on a data folder.
struct Train: ParsableCommand, DecomposingVerb, SharedVerb {
  static let configuration = CommandConfiguration(
    abstract: "Train an adapter.",
    discussion: """
      -c reads flags from a YAML file, with underscores for dashes; flags on the command line win. The adapter folder has \
      PEFT's format; its folder state/ holds the run's state, from which --resume continues exactly.

      EXAMPLES:
        lowrank train --model models/smollm --data data/e2e --adapter-path e2e
        lowrank train -c run.yaml --target all-linear --rank 16 --epochs 3
        mpirun -np 4 lowrank train -c run.yaml    (the same run, in several processes)
      """)

  @OptionGroup(title: "Model") var options: ModelOptions<AdapterMade>
  @OptionGroup(title: "Data") var dataOptions: DataOptions<DataOrTrainFile>
  @OptionGroup(title: "Data") var splitOptions: SplitOptions
  @OptionGroup(title: "Adapter") var adapterOptions: AdapterOptions
  @OptionGroup(title: "Run") var runOptions: RunOptions
  @OptionGroup(title: "Records") var recordOptions: RecordOptions
  @OptionGroup(title: "Memory and time") var planOptions: PlanOptions

  func run() throws {
    try check()
    var session = try TrainingSession(self)
    try session.run()
  }

  /// Refuses what cannot work, before anything is read.
  private func check() throws {
    guard options.adapter == nil else {
      throw UsageError(
        "--adapter names an adapter to use; to train one further, give it as --init-adapter")
    }
    try options.checks.checkUsed(runOptions.initAdapter != nil, with: "--init-adapter")
    try runOptions.check()
    try recordOptions.check()
    try splitOptions.check()
    _ = try planOptions.limit
    try adapterOptions.check()
    _ = try planOptions.statisticsBudget
    if planOptions.statisticsMemory != nil, try adapterOptions.startOfData() == nil {
      throw UsageError(
        "--statistics-memory has no effect without an --init that needs statistics of data, as eva")
    }
  }
}
