import ArgumentParser
import Foundation
import LowRank

/// `lowrank bench`: how fast this machine trains, beside what its matrix products allow.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure speed and memory on random weights.", subcommands: [BenchTrain.self])
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

  @Option(help: ArgumentHelp("f32, bf16 or auto.", valueName: "type"), completion: .precision)
  var precision: String = "auto"

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

  @Option(parsing: .unconditional, help: ArgumentHelp("Steps that are timed.", valueName: "n"))
  var steps: Int = 10

  @Option(parsing: .unconditional, help: ArgumentHelp("Steps before those.", valueName: "n"))
  var warmup: Int = 2

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of threads. (default: all cores)", valueName: "n"))
  var threads: Int?

  @Flag(help: "Keep only each block's input and compute it again for its derivative.")
  var gradCheckpointing = false

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  @OptionGroup var console: ConsoleOptions

  func run() throws {
    guard (config == nil) != (model == nil) else {
      throw UsageError(
        config == nil
          ? "--config CONFIG.json is missing, or --model for a model's own weights"
          : "--config and --model exclude each other: a model has a configuration")
    }
    let precision = try PrecisionChoice.taken(precision)
    try Bounds.check(batch, "--batch")
    try Bounds.check(length, "--length")
    try Bounds.check(batch * length, "--batch times --length")
    try Bounds.check(steps, "--steps")
    try Bounds.check(warmup, "--warmup", from: 0)
    var adapter = try AdapterOptions.parse([])
    (adapter.method, adapter.target) = (method, target)
    adapter.rank = rank
    try adapter.check()
    var benchmark = try AdapterError.asUsage {
      try prepared(precision, adapter.configuration())
    }
    PrecisionChoice.announce()
    benchmark.recomputesBlocks = gradCheckpointing
    if let limit = benchmark.positionLimit, length > limit {
      throw UsageError("--length is \(length), expected at most the model's \(limit) positions")
    }
    let result = try benchmark.run(warmup: warmup, steps: steps)
    guard !json else { return try Console.result(result.json(peakMemory: ProcessMemory.peak)) }
    try Console.result(result.text(peakMemory: ProcessMemory.peak))
  }

  private func prepared(
    _ precision: Precision, _ adapter: AdapterConfiguration
  ) throws -> TrainingBenchmark {
    let engine = try Threads.engine(threads)
    guard let model else {
      return try TrainingBenchmark(
        config: JSONFile(at: URL(filePath: config ?? "")), precision: precision, batch: batch,
        length: length, adapter: adapter, engine: engine)
    }
    let opened = try Model(from: Located.model(model), precision: precision, engine: engine)
    for note in opened.notes { Console.write("note: \(note)") }
    return try TrainingBenchmark(
      model: opened, batch: batch, length: length, adapter: adapter, engine: engine)
  }
}
