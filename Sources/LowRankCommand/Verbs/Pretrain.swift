import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank pretrain`: trains all weights of a model, from nothing or from where they are.
struct Pretrain: ParsableCommand, TrainingVerb {
  static let configuration = CommandConfiguration(
    abstract: "Train all weights of a new or an existing model.",
    discussion: """
      --config with --tokenizer makes a new model with random weights, and --config with --task image-classification one of \
      images, for the classes of the rows; --model continues from the weights of a model. \
      Weights are trained and stored in f32. The folder state/ in the model's folder holds the run's state, from which \
      --resume continues exactly.

      EXAMPLES:
        lowrank pretrain --config config.json --tokenizer models/stories --data data/text --output models/mine
        lowrank pretrain --model models/mine --data data/more --output models/tuned --learning-rate 1e-4
        lowrank pretrain --task image-classification --config vit.json --data data/pets --output models/vit
      """)

  @Option(
    help: ArgumentHelp("A config.json with a new model's shape.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var config: String?

  @Option(
    help: ArgumentHelp("A folder with the new model's tokenizer files.", valueName: "dir"),
    completion: .model)
  var tokenizer: String?

  @Option(
    help: ArgumentHelp(
      "A model to start from: a folder, a GGUF file, whose packed weights are unpacked, or a name on the hub.",
      valueName: "model"),
    completion: .model)
  var model: String?

  @Option(
    help: ArgumentHelp("Where the model is written. (required)", valueName: "dir"),
    completion: .folder)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "causal: predict the next token. image-classification: one class of an image.",
      valueName: "task"), completion: .pretrainTask)
  var task: String = "causal"

  @OptionGroup(title: "Data") var data: DataOptions<DataOrTrainFile>
  @OptionGroup(title: "Data") var splits: SplitOptions
  @OptionGroup(title: "Run") var steps: StepOptions

  @OptionGroup(title: "Run") var evaluations: EvaluationOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Save model and state every n steps too. (default: only at the end)", valueName: "n"))
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
      "Stop after n evaluations in a row without a lower loss, and keep the best model. (default: never)",
      valueName: "n"))
  var patience: Int?

  @Flag(
    help:
      "Continue the run in the output folder with the flags that it began with; where there is none yet, begin it."
  )
  var resume = false

  @OptionGroup(title: "Records") var records: RecordOptions

  @OptionGroup var products: PrecisionOption

  @OptionGroup var threadOptions: ThreadOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed of all random numbers.", valueName: "n"))
  var seed: Int = 0

  @OptionGroup var replacing: OverwriteOption<ModelOfRun>

  @OptionGroup var results: ResultOptions

  var writesJSON: Bool { results.json }

  var settings: RunSettings {
    get throws {
      var settings = RunSettings()
      settings.subject = .model
      settings.model = ModelSettings(model)
      settings.model.precision = products.precision
      settings.model.threads = threadOptions.threads
      settings.model.seed = seed
      (settings.config, settings.tokenizer) = (config, tokenizer)
      settings.task = task
      settings.data = data.settings
      settings.splits = splits.settings
      settings.steps = try steps.settings
      settings.output = output
      evaluations.fill(&settings)
      settings.saveEvery = saveEvery
      (settings.saveTotalLimit, settings.patience) = (saveTotalLimit, patience)
      (settings.resume, settings.overwrite) = (resume, replacing.overwrite)
      settings.records = records.settings
      return settings
    }
  }

  func run() throws {
    guard output != nil else { throw UsageError("--output DIR is missing") }
    guard data.data != nil || splits.trainFile != nil else {
      throw UsageError("--data PATH is missing")
    }
    try Bounds.check(evaluations.evalEvery, "--eval-every", to: Bounds.steps)
    try train()
  }
}
