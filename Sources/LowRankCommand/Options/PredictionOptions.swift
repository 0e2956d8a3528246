import ArgumentParser
import LowRank
import LowRankConsole

/// The flags that say what `predict` writes of each row.
struct PredictionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Write the n most probable classes with their probabilities too; JSON lines then leave out all others.",
      valueName: "n"))
  var topK: Int?

  @Flag(
    help:
      "The probability of every class, in a column for each. JSON lines have them unless --top-k is given."
  )
  var allProbabilities = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The probability above which a row has a label, for an adapter of --task multilabel. (default: 0.5)",
      valueName: "p"))
  var threshold: Double?

  /// Refuses what makes no sense for a task.
  func check(_ task: LabelledTask) throws {
    let isNumber = task.task == .regression
    for (flag, isGiven) in [("--top-k", topK != nil), ("--all-probabilities", allProbabilities)]
    where isGiven && isNumber {
      throw UsageError(
        "\(flag) has no effect here: the adapter predicts a number, which has no classes")
    }
    if let topK, let labels = task.labels, !(1...labels.count).contains(topK) {
      throw UsageError(
        "--top-k is \(topK), expected a number from 1 to \(labels.count), the number of classes")
    }
    guard let threshold else { return }
    guard task.task == .multilabel else {
      throw UsageError(
        "--threshold has no effect here: it is for --task multilabel, and the adapter's is \(task.task.rawValue)"
      )
    }
    guard (0..<1).contains(threshold) else {
      throw UsageError(
        "--threshold is \(threshold), expected a probability of 0 or more and below 1")
    }
  }
}
