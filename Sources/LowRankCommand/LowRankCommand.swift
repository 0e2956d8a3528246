import ArgumentParser

/// The command line: one verb a file, each of which parses, calls the library, and prints.
struct LowRankCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lowrank",
    abstract:
      "Train, prune, explain, merge and convert low-rank adapters of language models.",
    discussion: """
      Models are Hugging Face folders, adapters are PEFT folders; either may be a name on the hub, owner/name[@revision]. With \
      --json, a verb prints one JSON object on standard output; progress and messages go to standard error. Exit codes: \
      0 done, 1 failed, 2 wrong usage, 130 interrupted.
      """,
    version: version,
    subcommands: [
      Compress.self, Analyze.self, Diff.self, Combine.self, Convert.self, Extract.self, Advise.self,
      Train.self, Pretrain.self, ExperimentVerb.self, Evaluate.self, Predict.self, Generate.self,
      Chat.self, Serve.self, Score.self,
      Embed.self, Merge.self,
      Pull.self, Push.self,
      Inspect.self, Methods.self, DataVerb.self, Runs.self, Watch.self, Bench.self, Demo.self,
    ])

  /// The verbs, those below others included.
  static var allVerbs: [any ParsableCommand.Type] {
    configuration.subcommands.flatMap { [$0] + $0.configuration.subcommands }
  }

  static let version = "0.1.0"
}
