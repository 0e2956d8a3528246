import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankExperiments
import LowRankSessions

/// `lowrank experiment`: trains the variants of a plan under equal conditions and compares them.
struct ExperimentVerb: ParsableCommand, DecomposingVerb {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Compare methods, ranks and rates on your data, with a learning rate grid for each.",
    discussion: """
      PLAN is a YAML file. base: the settings of a run. vary: lists of values by key. Every variant is trained with every \
      learning_rate and every seed; its best rate is chosen on validation rows, and variants are compared on held-out rows \
      by paired differences to the baseline, with confidence intervals and Holm's correction. An experiment that was \
      stopped continues with the same command. --output gets results.json, runs.csv, summary.csv, curves.csv, curves.svg, report.html \
      and the adapter of every run.

      EXAMPLES:
        lowrank experiment Examples/experiment.yaml --output results/methods --dry-run
        lowrank experiment Examples/experiment.yaml --output results/methods
      """)

  @Argument(help: "The plan, a YAML file. (required)", completion: .yaml)
  var plan: String?

  @Option(
    help: ArgumentHelp(
      "The folder of the experiment, which is made or continued. (required, but for --dry-run)",
      valueName: "dir"), completion: .folder)
  var output: String?

  @Flag(help: "List the runs and the hours that they would take, and train nothing.")
  var dryRun = false

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard let plan else { throw UsageError("PLAN is missing: give a YAML file") }
    let read = try ExperimentPlan(at: plan)
    if dryRun {
      let forecast = try ExperimentForecast(read)
      guard !results.json else { return try Console.result(forecast.json) }
      return try Console.result(ExperimentText.runs(of: forecast))
    }
    guard let output else { throw UsageError("--output DIR is missing") }
    do {
      let experiment = try Experiment(read, in: output) { ExperimentDisplay.shared.show($0) }
      let found = try experiment.run()
      guard !results.json else { return try Console.result(found.json) }
      try Console.result(ExperimentText.summary(of: found))
      Console.write(
        "\(output): results.json, runs.csv, summary.csv, curves.csv, curves.svg, report.html")
    } catch let error as Interrupted {
      Console.insist("stopped; the same command continues the experiment")
      throw error
    }
  }
}
