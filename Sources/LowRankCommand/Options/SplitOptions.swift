import ArgumentParser
import Foundation
import LowRank
import LowRankSessions

/// The flags that say which rows of a data set are trained on, evaluated on and kept for the test.
struct SplitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The rows to train on, instead of those in --data.", valueName: "file"),
    completion: .data)
  var trainFile: String?

  @Option(
    help: ArgumentHelp("The rows to evaluate on, instead of those in --data.", valueName: "file"),
    completion: .data)
  var validFile: String?

  @Option(
    help: ArgumentHelp("The rows for the test, instead of those in --data.", valueName: "file"),
    completion: .data)
  var testFile: String?

  @Option(
    help: ArgumentHelp(
      "The split of --data to train on, if it is not called train.", valueName: "name"))
  var trainSplit: String?

  @Option(
    help: ArgumentHelp(
      "The split of --data to evaluate on, if it is not called valid, validation, val, dev or eval.",
      valueName: "name"))
  var validSplit: String?

  @Option(
    help: ArgumentHelp(
      "The split of --data for the test, if it is not called test.", valueName: "name"))
  var testSplit: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keep this share of the training rows to evaluate on, as 0.1, if there are no such rows. --seed chooses them; classes keep their shares.",
      valueName: "x"))
  var validShare: Double?

  /// What these flags say.
  var settings: SplitSettings {
    var settings = SplitSettings()
    (settings.trainFile, settings.validFile, settings.testFile) = (trainFile, validFile, testFile)
    (settings.trainSplit, settings.validSplit) = (trainSplit, validSplit)
    (settings.testSplit, settings.validShare) = (testSplit, validShare)
    return settings
  }
}

/// The flag of verbs that read one split.
struct SplitOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The split of --data, if that is a folder or a dataset. (default: valid, else test)",
      valueName: "name"))
  var split: String?
}
