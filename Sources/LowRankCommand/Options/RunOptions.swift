import ArgumentParser
import Foundation
import LowRank
import LowRankCheckpoints

/// The flags of a training run.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Where the adapter is written. (required)", valueName: "dir"),
    completion: .folder)
  var adapterPath: String?

  @Option(
    name: [.customShort("c"), .long],
    help: ArgumentHelp(
      "A YAML file with these flags, written with underscores.", valueName: "yaml"),
    completion: .yaml)
  var config: String?

  @Option(
    help: ArgumentHelp(
      "causal: predict the next token. classification: one class of several. regression: a number. multilabel: any number of labels.",
      valueName: "task"), completion: .task)
  var task: String = "causal"

  @Option(
    help: ArgumentHelp(
      "The metric by which the best evaluation is chosen, whose adapter is kept: loss, accuracy, f1, matthews, f1_micro, f1_macro, subset_accuracy, pearson, spearman, mse or mae (f1 of two classes is that of class 1, of more their mean); or last, to keep the last adapter. (default: last for causal; accuracy, pearson or f1_micro for other tasks)",
      valueName: "name"), completion: .metric)
  var metric: String?

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

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many of the newest states to keep; that of the best evaluation is kept too.",
      valueName: "n"))
  var saveTotalLimit: Int = 2

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop after n evaluations in a row without improvement. (default: never; judged by --metric, else by loss)",
      valueName: "n"))
  var patience: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Label smoothing: the share of each target that is spread evenly over all tokens or classes. Evaluations use none.",
      valueName: "x"))
  var labelSmoothing: Double = 0

  @Flag(help: "Keep the order of the file in every epoch.")
  var noShuffle = false

  @Flag(
    help:
      "Continue the run in the adapter folder with the flags that it began with; where there is none yet, begin it, so that a scheduler can always give this flag."
  )
  var resume = false

  @Flag(help: "Replace the adapter and the run in the folder; other files in it stay.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      "An adapter to start from, instead of a new one: a folder, or a name on the hub.",
      valueName: "adapter"), completion: .adapter)
  var initAdapter: String?

  /// The task.
  var parsedTask: TrainingTask { get throws { try Self.task(task) } }

  /// The task of a name.
  static func task(_ name: String) throws -> TrainingTask {
    if let parsed = TrainingTask(rawValue: name) { return parsed }
    let names = TrainingTask.allCases.map(\.rawValue)
    throw UsageError.value(name, of: "--task", expected: names)
  }

  /// What the best of several evaluations is judged by; nil to keep the last.
  func metric(for task: TrainingTask) throws -> Metric? {
    guard let metric else {
      return task == .causal ? (patience == nil ? nil : .loss) : task.defaultMetric
    }
    if metric == "last" { return nil }
    let known = [Metric.loss] + task.metrics
    guard let parsed = Metric(rawValue: metric), known.contains(parsed) else {
      throw UsageError(
        """
        --metric is "\(metric)", expected for \(task.rawValue) one of \
        \(known.map(\.rawValue).joined(separator: ", ")), or last\
        \(suggestion(for: metric, among: known.map(\.rawValue) + ["last"]))
        """)
    }
    return parsed
  }

  /// Refuses numbers that make no sense.
  func check() throws {
    func check(_ holds: Bool, _ flag: String, _ value: Any, _ expected: String) throws {
      if !holds { throw UsageError("\(flag) is \(value), expected \(expected)") }
    }
    try check(adapterPath != "", "--adapter-path", "empty", "a folder")
    _ = try metric(for: parsedTask)
    try steps.check()
    try check((0..<1).contains(baseDropout ?? 0), "--base-dropout", baseDropout ?? 0, "below 1")
    try check((evalEvery ?? 1) > 0, "--eval-every", evalEvery ?? 0, "at least 1")
    try check((saveEvery ?? 1) > 0, "--save-every", saveEvery ?? 0, "at least 1")
    try Bounds.check(saveTotalLimit, "--save-total-limit")
    try Bounds.check(patience, "--patience")
    try check(patience == nil || evalEvery != nil, "--patience", patience ?? 0, "with --eval-every")
    try check(
      patience == nil || metric != "last", "--metric", "last",
      "a metric, which --patience judges by")
    try check(
      (0..<1).contains(labelSmoothing), "--label-smoothing", labelSmoothing,
      "at least 0 and below 1")
    let smooths = labelSmoothing > 0
    let task = try parsedTask
    try check(
      !smooths || task == .causal || task == .classification, "--label-smoothing", labelSmoothing,
      "0 for \(task.rawValue), whose loss has no classes to spread it over")
    guard !(resume && overwrite) else {
      throw UsageError("give either --resume or --overwrite, not both")
    }
  }
}
