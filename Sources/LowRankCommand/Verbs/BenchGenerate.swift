import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank bench generate`: how fast a model continues a text, with an adapter beside its weights or merged into them.
struct BenchGenerate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Measure generation, and how long an adapter takes to be put on the model.",
    discussion: """
      A prompt of random tokens, or --batch of them together, is continued token by token, once to warm up, then --rounds \
      times. Prints the medians, and the rate at which weights are read as a share of what the memory can do. The switch is \
      how long it takes to load the adapter onto the model; with --merge, the merge is a part of it.

      EXAMPLES:
        lowrank bench generate --model models/smollm
        lowrank bench generate --model models/smollm --adapter adapters/e2e --merge --json
      """)

  @Option(
    help: ArgumentHelp(
      "The model to measure: a folder, a GGUF file, or a name on the hub.", valueName: "model"),
    completion: .model)
  var model: String?

  @Option(
    help: ArgumentHelp(
      "A config.json, for a model of that shape with random weights. (required without --model)",
      valueName: "file"), completion: .file(extensions: ["json"]))
  var config: String?

  @Option(
    help: ArgumentHelp("An adapter of the model.", valueName: "dir"), completion: .adapter)
  var adapter: String?

  @Flag(help: "Merge the adapter into the weights before measuring.")
  var merge = false

  @Option(parsing: .unconditional, help: ArgumentHelp("Tokens of the prompt.", valueName: "n"))
  var prompt: Int = 64

  @Option(parsing: .unconditional, help: ArgumentHelp("Tokens that are added.", valueName: "n"))
  var tokens: Int = 128

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Prompts that are continued together.", valueName: "n"))
  var batch: Int = 1

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Continuations that are timed.", valueName: "n"))
  var rounds: Int = 3

  @OptionGroup var products: PrecisionOption

  @OptionGroup var threadOptions: ThreadOptions

  @OptionGroup var checks: CheckOptions

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard (config == nil) != (model == nil) else {
      throw UsageError(
        config == nil
          ? "--model MODEL is missing, or --config CONFIG.json for random weights"
          : "--config and --model exclude each other: a model has a configuration")
    }
    try Bounds.check(prompt, "--prompt")
    try Bounds.check(tokens, "--tokens", from: 2)
    try Bounds.check(batch, "--batch", to: 4096)
    try Bounds.check(rounds, "--rounds")
    guard adapter != nil || !merge else {
      throw UsageError("--merge has no effect without --adapter")
    }
    try checks.settings.checkUsed(adapter != nil, with: "--adapter")
    let base = try opened()
    guard base.architecture is CausalModel else {
      throw UsageError("bench generate measures models that continue texts, and this one does not")
    }
    if let limit = base.architecture.positionLimit, prompt + tokens > limit {
      throw UsageError(
        "--prompt and --tokens are \(prompt + tokens) together, expected at most the model's \(limit) positions"
      )
    }
    PrecisionChoice.announce()
    var (measured, selection) = (base, AdapterSelection.none)
    var switching: Double?
    if let adapter {
      let place = try Located.adapter(adapter)
      let start = ContinuousClock.now
      let loaded = try checks.settings.load(place, on: base)
      (measured, selection) =
        merge ? (try base.merging(loaded), .none) : (loaded.model, loaded.selection)
      switching = (ContinuousClock.now - start) / .seconds(1)
    }
    let benchmark = GenerationBenchmark(
      measured, adapters: selection, prompt: prompt, tokens: tokens, batch: batch)
    let result = try benchmark.run(rounds: rounds)
    let peak = ProcessMemory.peak
    let bandwidth = benchmark.bytesPerToken * result.tokensPerSecond
    let share = bandwidth / benchmark.memoryBandwidth()
    guard !results.json else {
      return try Console.result([
        "tokens_per_second": .double(result.tokensPerSecond),
        "first_token_seconds": .double(result.firstTokenSeconds),
        "switch_seconds": switching.map { .double($0) } ?? .null,
        "peak_memory_bytes": .integer(peak),
        "bytes_per_token": .double(benchmark.bytesPerToken), "bandwidth": .double(bandwidth),
        "utilization": .double(share),
      ])
    }
    let put = switching.map { String(format: ", %.3f s to put the adapter on the model", $0) } ?? ""
    try Console.result(
      String(
        format:
          "%.1f tokens/s, %.3f s to the first token%@, %.2f GB; weights are read at %.1f GB/s, %.0f %% of the memory's rate",
        result.tokensPerSecond, result.firstTokenSeconds, put, Double(peak) / 1e9,
        bandwidth / 1e9, 100 * share))
  }

  private func opened() throws -> Model {
    let (precision, engine) = (
      try PrecisionChoice.taken(products.precision), try threadOptions.engine()
    )
    guard let model else {
      return try Model(
        random: JSONFile(at: URL(filePath: config ?? "")), precision: precision, engine: engine)
    }
    let opened = try Model(
      from: Located.model(model), as: .causal, precision: precision, engine: engine)
    for note in opened.notes { Console.write("note: \(note)") }
    return opened
  }
}
