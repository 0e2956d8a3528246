import ArgumentParser
import Foundation
import LowRank

/// The flags that say how many steps a run takes and how each is made.
struct StepOptions: ParsableArguments {
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

  /// The steps of a run over a number of rows.
  func count(rows: Int) throws -> Int {
    let perEpoch = Double((rows + batchSize - 1) / batchSize) / Double(gradAccumulation)
    let steps = epochs.map { Int(($0 * perEpoch).rounded(.up)) } ?? iters ?? 1000
    try checkWarmup(of: steps)
    return steps
  }

  /// Refuses numbers that make no sense.
  func check() throws {
    func check(_ holds: Bool, _ flag: String, _ value: Any, _ expected: String) throws {
      if !holds { throw UsageError("\(flag) is \(value), expected \(expected)") }
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
  }
}
