import ArgumentParser
import Foundation
import LowRank

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

  /// Refuses a share beside rows to evaluate on.
  func check() throws {
    guard let validShare, validShare != 0, let validFile else { return }
    throw Self.withoutEffect(validFile)
  }

  private static func withoutEffect(_ name: String) -> UsageError {
    UsageError(
      "--valid-share has no effect: \(name) holds rows to evaluate on; leave one of them out")
  }

  /// What is chosen.
  ///
  /// - Throws: `UsageError` if two flags contradict each other.
  func choice() throws -> SplitChoice {
    var choice = SplitChoice()
    for (role, file, split) in [
      (SplitRole.train, trainFile, trainSplit), (.valid, validFile, validSplit),
      (.test, testFile, testSplit),
    ] {
      guard file == nil || split == nil else {
        throw UsageError(
          "--\(role.rawValue)-file contradicts --\(role.rawValue)-split: give one of them")
      }
      choice.files[role] = file
      choice.splits[role] = split
    }
    return choice
  }

  /// The share of the training rows to evaluate on; nil for none.
  ///
  /// - Throws: `UsageError` if it is no share, or if there are rows to evaluate on.
  func share(of files: DataFiles, seed: UInt64) throws -> ValidShare? {
    guard let validShare, validShare != 0 else { return nil }
    guard validShare > 0, validShare < 1 else {
      throw UsageError(
        "--valid-share is \(validShare), expected a share above 0 and below 1, as 0.1")
    }
    if let valid = files.valid {
      throw Self.withoutEffect(valid.name)
    }
    return ValidShare(validShare, seed: seed)
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
