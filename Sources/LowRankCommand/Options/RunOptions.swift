import ArgumentParser
import Foundation
import LowRank
import LowRankCheckpoints
import LowRankSessions

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
      "causal: predict the next token. classification: one class of several. regression: a number. multilabel: any number of labels. image-classification: one class of an image.",
      valueName: "task"), completion: .task)
  var task: String = "causal"

  @OptionGroup var objective: ObjectiveOptions

  @Flag(
    help:
      "Compute what the reference says of all rows once before training, instead of at each step: faster if the run passes over the data more than once."
  )
  var precomputeReference = false

  @Option(
    help: ArgumentHelp(
      "The metric by which the best evaluation is chosen, whose adapter is kept: loss, accuracy, f1, matthews, f1_micro, f1_macro, subset_accuracy, pearson, spearman, mse or mae; or last, to keep the last adapter. With two classes, f1 is that of class 1; with more, their mean. (default: last for causal; accuracy, pearson or f1_micro for other tasks)",
      valueName: "name"), completion: .metric)
  var metric: String?

  @OptionGroup var steps: StepOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The dropout of the model itself. (default: as in config.json)", valueName: "p"))
  var baseDropout: Double?

  @OptionGroup var evaluations: EvaluationOptions

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
      "Label smoothing: the share of each target that is spread evenly over all tokens or classes. Evaluations use none. With dpo and simpo, the probability that a pair is the wrong way round, in evaluations too.",
      valueName: "x"))
  var labelSmoothing: Double = 0

  @Flag(help: "Keep the order of the file in every epoch.")
  var noShuffle = false

  @Flag(
    help:
      "Continue the run in the adapter folder with the flags that it began with; where there is none yet, begin it, so that a scheduler can always give this flag."
  )
  var resume = false

  @OptionGroup var replacing: OverwriteOption<AdapterOfRun>

  @Option(
    help: ArgumentHelp(
      "An adapter to start from, instead of a new one: a folder, or a name on the hub.",
      valueName: "adapter"), completion: .adapter)
  var initAdapter: String?

  @Option(
    help: ArgumentHelp(
      "Prune the finished run's adapter by a policy of compress, as keep=0.25 or uniform=2, into the folder compressed inside the adapter's; the validation loss before and after is printed.",
      valueName: "policy=x"), completion: .list(PolicyOptions.names.map { "\($0)=" }))
  var compressAfter: String?

  /// Writes what these flags say into the settings of a run.
  ///
  /// - Throws: `SettingsError` for an optimizer that is not there.
  func fill(_ settings: inout RunSettings) throws {
    (settings.output, settings.task, settings.metric) = (adapterPath, task, metric)
    settings.objective = objective.settings
    settings.objective.precomputeReference = precomputeReference
    settings.steps = try steps.settings
    settings.baseDropout = baseDropout
    evaluations.fill(&settings)
    settings.saveEvery = saveEvery
    (settings.saveTotalLimit, settings.patience) = (saveTotalLimit, patience)
    (settings.labelSmoothing, settings.noShuffle) = (labelSmoothing, noShuffle)
    (settings.resume, settings.overwrite) = (resume, replacing.overwrite)
    settings.initAdapter = initAdapter
    settings.compressAfter = compressAfter
  }
}
