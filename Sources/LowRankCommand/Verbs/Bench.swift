import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank bench`: how fast this machine trains, beside what its matrix products allow, and generates.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure speed and memory.", subcommands: [BenchTrain.self, BenchGenerate.self])
}

/// `lowrank bench train`: training steps of an adapter on a model of a given shape.
struct BenchTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract:
      "Measure the training of an adapter on a configuration with random weights, or on a model.")

  @Option(
    help: ArgumentHelp(
      "The model to measure with its own weights, instead of --config: a folder, a GGUF file, or a name on the hub.",
      valueName: "model"), completion: .model)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "A config.json with the model's shape. (required without --model)", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var config: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Sequences of a step.", valueName: "n"))
  var batch: Int = 4

  @Option(parsing: .unconditional, help: ArgumentHelp("Tokens of a sequence.", valueName: "n"))
  var length: Int = 256

  @OptionGroup var products: PrecisionOption

  @Option(
    help: ArgumentHelp(
      "What is added to the weights, as NAME or NAME:option=value,…. (default: lora)",
      valueName: "name"), completion: .methods(.architectures))
  var method: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("The adapter's rank.", valueName: "r"))
  var rank: Int = 8

  @Option(
    help: ArgumentHelp("Modules by name, all-linear, or qv.", valueName: "names"),
    completion: .target)
  var target: String = "qv"

  @Option(
    help: ArgumentHelp(
      "How the parameters are stepped, as NAME or NAME:option=value,…. (default: adamw)",
      valueName: "name"), completion: .methods(.optimizers))
  var optimizer: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Steps that are timed.", valueName: "n"))
  var steps: Int = 10

  @Option(parsing: .unconditional, help: ArgumentHelp("Steps before those.", valueName: "n"))
  var warmup: Int = 2

  @OptionGroup var threadOptions: ThreadOptions

  @Flag(help: "Keep only each block's input and compute it again for its derivative.")
  var gradCheckpointing = false

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard (config == nil) != (model == nil) else {
      throw UsageError(
        config == nil
          ? "--config CONFIG.json is missing, or --model for a model's own weights"
          : "--config and --model exclude each other: a model has a configuration")
    }
    let precision = try PrecisionChoice.taken(products.precision)
    try Bounds.check(batch, "--batch")
    try Bounds.check(length, "--length")
    try Bounds.check(batch * length, "--batch times --length")
    try Bounds.check(steps, "--steps")
    try Bounds.check(warmup, "--warmup", from: 0)
    var adapter = AdapterSettings()
    adapter.method = try method.map { try MethodChoice($0, on: .architectures) }
    (adapter.rank, adapter.target) = (rank, target)
    try adapter.check()
    var stepping = StepSettings()
    stepping.optimizer = try optimizer.map { try MethodChoice($0, on: .optimizers) }
    var benchmark = try AdapterError.asSettings {
      try prepared(precision, adapter.configuration())
    }
    benchmark.optimizer = try stepping.optimization().optimizer
    PrecisionChoice.announce()
    benchmark.recomputesBlocks = gradCheckpointing
    if let limit = benchmark.positionLimit, length > limit {
      throw UsageError("--length is \(length), expected at most the model's \(limit) positions")
    }
    let result = try benchmark.run(warmup: warmup, steps: steps)
    guard !results.json else {
      return try Console.result(result.json(peakMemory: ProcessMemory.peak))
    }
    try Console.result(result.text(peakMemory: ProcessMemory.peak))
  }

  private func prepared(
    _ precision: Precision, _ adapter: AdapterConfiguration
  ) throws -> TrainingBenchmark {
    let engine = try threadOptions.engine()
    func check(_ config: JSONFile) throws {
      guard try Architectures.readsImages(config) else { return }
      throw UsageError(
        "bench trains on random tokens, but \(config.source) is of a model of images")
    }
    guard let model else {
      let config = try JSONFile(at: URL(filePath: config ?? ""))
      try check(config)
      return try TrainingBenchmark(
        config: config, precision: precision, batch: batch, length: length, adapter: adapter,
        engine: engine)
    }
    try check(ModelFolder.config(at: Located.model(model)))
    let opened = try Model(from: Located.model(model), precision: precision, engine: engine)
    for note in opened.notes { Console.write("note: \(note)") }
    return try TrainingBenchmark(
      model: opened, batch: batch, length: length, adapter: adapter, engine: engine)
  }
}
