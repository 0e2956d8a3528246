import ArgumentParser
import Foundation
import LowRank

/// The flags of a training run.
struct RunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where the adapter is written. (required)", valueName: "dir"))
  var adapterPath: String?

  @Option(
    name: [.customShort("c"), .long],
    help: ArgumentHelp("A YAML file of these flags, named in underscores.", valueName: "yaml"))
  var config: String?

  @Option(help: ArgumentHelp("causal: predict the next token.", valueName: "task"))
  var task: String = "causal"

  @Option(
    help: ArgumentHelp("The rows to train on, in place of those in --data.", valueName: "file"))
  var trainFile: String?

  @Option(
    help: ArgumentHelp("The rows to evaluate on, in place of those in --data.", valueName: "file"))
  var validFile: String?

  @OptionGroup var steps: StepOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The dropout of the model itself. (default: as in config.json)", valueName: "p"))
  var baseDropout: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Evaluate every n steps too. (default: only at the end)", valueName: "n"))
  var evalEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Save adapter and state every n steps too. (default: only at the end)", valueName: "n"))
  var saveEvery: Int?

  @Flag(help: "Take the rows in the order of the file, in every epoch.")
  var noShuffle = false

  @Flag(help: "Continue the run whose state lies in the adapter folder.")
  var resume = false

  @Flag(help: "Replace an adapter folder that is in use.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      "An adapter folder to begin with, in place of a fresh adapter.", valueName: "dir"))
  var initAdapter: String?

  /// Refuses numbers that make no sense.
  func check() throws {
    func check(_ holds: Bool, _ flag: String, _ value: Any, _ expected: String) throws {
      if !holds { throw UsageError("\(flag) is \(value), expected \(expected)") }
    }
    try check(adapterPath != "", "--adapter-path", "empty", "a folder")
    guard task == "causal" else {
      throw UsageError("--task is \"\(task)\", expected causal: no other task is built yet")
    }
    try steps.check()
    try check((0..<1).contains(baseDropout ?? 0), "--base-dropout", baseDropout ?? 0, "below 1")
    try check((evalEvery ?? 1) > 0, "--eval-every", evalEvery ?? 0, "at least 1")
    try check((saveEvery ?? 1) > 0, "--save-every", saveEvery ?? 0, "at least 1")
    try check(!(resume && overwrite), "--overwrite", "given", "to be left out beside --resume")
  }
}
