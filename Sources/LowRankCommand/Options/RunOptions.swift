import ArgumentParser
import Foundation
import LowRank

/// The flags of a training run.
struct RunOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Where the adapter is written. (required)", valueName: "dir"))
  var adapterPath: String?

  @Option(
    name: [.customShort("c"), .long],
    help: ArgumentHelp("A YAML file of these flags, named in underscores.", valueName: "yaml"))
  var config: String?

  @Option(help: ArgumentHelp("causal: predict the next token.", valueName: "task"))
  var task: String = "causal"

  @Option(
    help: ArgumentHelp("The rows to train on, in place of those in --data.", valueName: "file"))
  var trainFile: String?

  @Option(
    help: ArgumentHelp("The rows to evaluate on, in place of those in --data.", valueName: "file"))
  var validFile: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Rows that are computed at once.", valueName: "n"))
  var batchSize: Int = 4

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Batches whose gradients are added up for each step.", valueName: "n"))
  var gradAccumulation: Int = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps of the run. (default: 1000, unless --epochs is given)", valueName: "n"))
  var iters: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Passes over the data, in place of --iters.", valueName: "n"))
  var epochs: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The greatest learning rate.", valueName: "x"))
  var learningRate: Double = 2e-4

  @Option(
    help: ArgumentHelp(
      "constant, or linear or cosine, both of which decay to 0 at the end.", valueName: "name"))
  var lrSchedule: String = "linear"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps in which the rate rises from 0, or their share of the run, as 0.1.", valueName: "n"))
  var warmup: String = "0"

  @Option(
    parsing: .unconditional, help: ArgumentHelp("AdamW's weight decay.", valueName: "x"))
  var weightDecay: Double = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How much AdamW's averages of gradients and of their squares keep at each step.",
      valueName: "b1,b2"))
  var adamBetas: String = "0.9,0.999"

  @Option(
    parsing: .unconditional, help: ArgumentHelp("What AdamW adds to its divisor.", valueName: "x"))
  var adamEps: Double = 1e-8

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Scale greater gradients down to this norm. (default: off)", valueName: "x"))
  var maxGradNorm: Double?

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

  @Flag(help: "Take the rows in the order of the file, in every epoch.")
  var noShuffle = false

  @Flag(help: "Continue the run whose state lies in the adapter folder.")
  var resume = false

  @Flag(help: "Replace an adapter folder that is in use.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      "An adapter folder to begin with, in place of a fresh adapter.", valueName: "dir"))
  var initAdapter: String?

  /// The rule, its rate and clipping.
  func optimization() throws -> Optimization {
    let betas = adamBetas.split(separator: ",", omittingEmptySubsequences: false)
      .map { Double($0.trimmingCharacters(in: .whitespaces)) ?? .nan }
    guard betas.count == 2, betas.allSatisfy({ (0..<1).contains($0) }) else {
      throw UsageError(
        "--adam-betas is \"\(adamBetas)\", expected two numbers below 1 as 0.9,0.999")
    }
    guard let schedule = Schedule.all.first(where: { $0.name == lrSchedule }) else {
      throw UsageError("--lr-schedule is \"\(lrSchedule)\", expected linear, cosine or constant")
    }
    guard let warmup = Warmup(warmup) else {
      throw UsageError("--warmup is \"\(warmup)\", expected steps or a share below 1")
    }
    return Optimization(
      AdamW(beta1: betas[0], beta2: betas[1], epsilon: adamEps, weightDecay: weightDecay),
      learningRate: LearningRate(learningRate, schedule: schedule, warmup: warmup),
      maxGradientNorm: maxGradNorm)
  }

  /// Refuses a warm-up that the run would not see the end of.
  func checkWarmup(of steps: Int) throws {
    guard case .steps(let rising)? = Warmup(warmup), rising > steps else { return }
    throw UsageError("--warmup is \(rising), expected at most the run's steps, \(steps)")
  }

  /// Refuses numbers that make no sense.
  func check() throws {
    func check(_ holds: Bool, _ flag: String, _ value: Any, _ expected: String) throws {
      if !holds { throw UsageError("\(flag) is \(value), expected \(expected)") }
    }
    try check(adapterPath != "", "--adapter-path", "empty", "a folder")
    guard task == "causal" else {
      throw UsageError("--task is \"\(task)\", expected causal: no other task is built yet")
    }
    _ = try optimization()
    try Bounds.check(batchSize, "--batch-size")
    try Bounds.check(gradAccumulation, "--grad-accumulation")
    try Bounds.check(iters, "--iters", to: Bounds.steps)
    try check(
      (epochs ?? 1) > 0 && (epochs ?? 1) <= Double(Bounds.count), "--epochs", epochs ?? 0,
      "above 0 and at most \(Bounds.count)")
    try check(iters == nil || epochs == nil, "--epochs", epochs ?? 0, "alone, without --iters")
    if epochs == nil { try checkWarmup(of: iters ?? 1000) }
    try check(
      learningRate >= 0 && learningRate.isFinite, "--learning-rate", learningRate,
      "a finite number of 0 or more")
    try check(
      weightDecay >= 0 && weightDecay.isFinite, "--weight-decay", weightDecay,
      "a finite number of 0 or more")
    try check(
      adamEps > 0 && adamEps.isFinite, "--adam-eps", adamEps, "a finite number above 0")
    try check((maxGradNorm ?? 1) > 0, "--max-grad-norm", maxGradNorm ?? 0, "above 0")
    try check((0..<1).contains(baseDropout ?? 0), "--base-dropout", baseDropout ?? 0, "below 1")
    try check((evalEvery ?? 1) > 0, "--eval-every", evalEvery ?? 0, "at least 1")
    try check((saveEvery ?? 1) > 0, "--save-every", saveEvery ?? 0, "at least 1")
    try check(!(resume && overwrite), "--overwrite", "given", "to be left out beside --resume")
  }
}
