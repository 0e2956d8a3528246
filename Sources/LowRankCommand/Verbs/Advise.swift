import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankExperiments
import LowRankSessions

/// `lowrank advise`: settings for a model and data, each with its reason and source.
struct Advise: ParsableCommand, DecomposingVerb {
  static let configuration = CommandConfiguration(
    abstract: "Suggest settings for a model and data, with a reason and a source for each.",
    discussion: """
      Reads the rows, counts what there is to learn, and rehearses the run on this machine. Prints each choice with its \
      reason, the expected time and memory, and a YAML file for train -c. --probe trains a few short runs to find the \
      learning rate.

      EXAMPLES:
        lowrank advise --model models/smollm --data data/e2e --time 1h --output run.yaml
        lowrank advise --model models/minilm --data data/sst2 --memory 2GB --probe 5m
        lowrank train -c run.yaml
      """)

  @OptionGroup(title: "Model") var options: ModelOptions<AdapterMade>
  @OptionGroup(title: "Data") var dataOptions: DataOptions<DataOrTrainFile>
  @OptionGroup(title: "Data") var splitOptions: SplitOptions

  @Option(
    help: ArgumentHelp(
      "causal, classification, regression or multilabel. (default: by the model and the columns)",
      valueName: "task"), completion: .task)
  var task: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most memory of the run, as 900MB or 8GB.", valueName: "size"))
  var memory: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most time of the run, as 90s, 30m or 2h.", valueName: "time"),
    completion: .list(["30m", "1h", "2h"]))
  var time: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most trained parameters, as 500k or 2M.", valueName: "n"))
  var parameters: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The time for short runs that find the learning rate, as 5m. (default: none are made)",
      valueName: "time"), completion: .list(["2m", "5m", "15m"]))
  var probe: String?

  @Option(
    help: ArgumentHelp("Where the adapter of the suggested run goes.", valueName: "dir"),
    completion: .folder)
  var adapterPath: String = "adapters/advised"

  @Option(
    help: ArgumentHelp("Write the YAML file here, too.", valueName: "file"), completion: .yaml)
  var output: String?

  @OptionGroup var replacing: OverwriteOption<OneFile>

  func run() throws {
    guard options.adapter == nil else {
      throw UsageError("--adapter has no effect with advise, which suggests a new adapter")
    }
    var settings = RunSettings()
    settings.model = options.settings
    settings.data = dataOptions.settings
    settings.splits = splitOptions.settings
    settings.output = adapterPath
    guard settings.model.model != nil else { throw UsageError("--model DIR is missing") }
    guard settings.data.data != nil || settings.splits.trainFile != nil else {
      throw UsageError("--data PATH is missing")
    }
    var request = AdviceRequest(settings)
    request.task = try task.map(RunSettings.task)
    request.memory = memory
    request.seconds = try time.map { try seconds($0, "--time") }
    request.probe = try probe.map { try seconds($0, "--probe") }
    request.parameters = try parameters.map { text in
      guard let number = AdviceRequest.number(text) else {
        throw UsageError("--parameters is \"\(text)\", expected a number above 0, as 500k")
      }
      return number
    }
    if let output {
      try checkPublishable(file: URL(filePath: output), overwrite: replacing.overwrite)
    }
    let advice = try Adviser.advice(for: request)
    if let output {
      try publishFile(at: URL(filePath: output), overwrite: replacing.overwrite) { file in
        let written = try OutputFile(at: file)
        try written.write(Array(advice.yaml.utf8))
        try written.close()
      }
    }
    guard !options.results.json else { return try Console.result(advice.json) }
    // What is printed is the file, with the reasons as its comments.
    for reason in advice.reasons {
      let text = "\(reason.choice): \(reason.reason)\n  [\(reason.source)]"
      let lines = text.wrapped(to: Terminal.resultColumns.map { $0 - 2 }).split(separator: "\n")
      try Console.result(lines.map { "# \($0)" }.joined(separator: "\n"))
    }
    try Console.result("\n\(advice.yaml)")
  }

  private func seconds(_ text: String, _ flag: String) throws -> Double {
    guard let found = AdviceRequest.seconds(text) else {
      throw UsageError("\(flag) is \"\(text)\", expected a time above 0 as 90s, 30m or 2h")
    }
    return found
  }
}
