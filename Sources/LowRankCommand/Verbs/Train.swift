import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank train`: trains an adapter on a data folder.
struct Train: ParsableCommand, TrainingVerb {
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

  var writesJSON: Bool { options.results.json }

  var settings: RunSettings {
    get throws {
      var settings = RunSettings()
      settings.model = options.settings
      settings.data = dataOptions.settings
      settings.splits = splitOptions.settings
      settings.adapter = try adapterOptions.settings
      try runOptions.fill(&settings)
      settings.records = recordOptions.settings
      settings.plan = planOptions.settings
      settings = try RunFile.current?.settings(under: settings) ?? settings
      if let policy = settings.compressAfter {
        try CompressAfter(policy).check(settings.adapter)
      }
      return settings
    }
  }

  func run() throws {
    guard options.adapter == nil else {
      throw UsageError(
        "--adapter names an adapter to use; to train one further, give it as --init-adapter")
    }
    let settings = try settings
    try settings.check()
    try requirePlaces(settings)
    try train()
  }

  /// Names all flags at once that a run cannot do without.
  private func requirePlaces(_ settings: RunSettings) throws {
    let missing = [
      ("--model DIR", settings.model.model),
      ("--data PATH", settings.data.data ?? settings.splits.trainFile),
      ("--adapter-path DIR", settings.output),
    ].filter { $0.1 == nil }.map(\.0)
    guard let last = missing.last, missing.count > 1 else { return }
    throw UsageError(
      missing.dropLast().joined(separator: ", ")
        + " and \(last) are missing; lowrank train --help lists all flags")
  }
}
