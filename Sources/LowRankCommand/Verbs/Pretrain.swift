import ArgumentParser
import Foundation
import LowRank

/// `lowrank pretrain`: trains all weights of a model, from nothing or from where they are.
struct Pretrain: ParsableCommand, DecomposingVerb {
  static let configuration = CommandConfiguration(
    abstract: "Train all weights of a new or an existing model.",
    discussion: """
      --config with --tokenizer makes a new model with random weights; --model continues from the weights of a model. \
      Weights are trained and stored in f32.

      EXAMPLES:
        lowrank pretrain --config config.json --tokenizer models/stories --data data/text --output models/mine
        lowrank pretrain --model models/mine --data data/more --output models/tuned --learning-rate 1e-4
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

  @OptionGroup(title: "Data") var data: DataOptions<DataOrTrainFile>
  @OptionGroup(title: "Data") var splits: SplitOptions
  @OptionGroup(title: "Run") var steps: StepOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Evaluate every n steps too. (default: only at the end)", valueName: "n"))
  var evalEvery: Int?

  @Option(
    help: ArgumentHelp("f32, bf16 or auto: the type of products.", valueName: "type"),
    completion: .precision)
  var precision: String = "auto"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of threads. (default: all cores)", valueName: "n"))
  var threads: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The seed of all random numbers.", valueName: "n"))
  var seed: Int = 0

  @Flag(help: "Replace the model in the folder; other files in it stay.")
  var overwrite = false

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  @OptionGroup var console: ConsoleOptions

  func run() throws {
    try check()
    var session = try PretrainingSession(self)
    try session.run()
  }

  /// Refuses what cannot work, before anything is read.
  private func check() throws {
    guard output != nil else { throw UsageError("--output DIR is missing") }
    guard data.data != nil || splits.trainFile != nil else {
      throw UsageError("--data PATH is missing")
    }
    try Bounds.check(evalEvery, "--eval-every", to: Bounds.steps)
    try steps.check()
    switch (model, config, tokenizer) {
    case (.some, nil, nil), (nil, .some, .some): return
    case (.some, _, _):
      throw UsageError("give either --model or --config with --tokenizer, not both")
    case (nil, .some, nil): throw UsageError("--config needs --tokenizer DIR")
    case (nil, nil, _):
      throw UsageError("give --model DIR, or --config FILE and --tokenizer DIR for a new one")
    }
  }
}
