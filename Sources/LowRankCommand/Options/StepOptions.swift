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
    help: ArgumentHelp(
      "Batches per step (gradient accumulation); the last step of an epoch has the batches that remain.",
      valueName: "n"))
  var gradAccumulation: Int = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps of the run. (default: 1000, unless --epochs is given)", valueName: "n"))
  var iters: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Passes over the data, instead of --iters.", valueName: "n"))
  var epochs: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The highest learning rate.", valueName: "x"))
  var learningRate: Double = 2e-4

  @Option(
    help: ArgumentHelp(
      "linear, cosine or polynomial, which fall to --lr-floor at the end; inverse_sqrt; or constant.",
      valueName: "name"), completion: .schedule)
  var lrSchedule: String = "linear"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The final learning rate of linear, cosine and polynomial. (default: 0)", valueName: "x"))
  var lrFloor: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The power of polynomial: 2 falls fast at first. (default: 1)", valueName: "x"))
  var lrPower: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The time scale T of inverse_sqrt: the rate has halved 3T steps after the warm-up. (default: the warm-up's steps, or 10000 without one)",
      valueName: "n"))
  var lrTimescale: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Steps in which the learning rate rises from 0, or their share of the run, as 0.1.",
      valueName: "n"))
  var warmup: String = "0"

  @Option(
    help: ArgumentHelp(
      "How the factors are stepped, as NAME or NAME:option=value,…; see lowrank methods. (default: adamw)",
      valueName: "name"), completion: .methods(.optimizers))
  var optimizer: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The weight decay. (default: 0.0)", valueName: "x"))
  var weightDecay: Double?

  @Option(
    help: ArgumentHelp(
      "Parameters without weight decay: bias, norm, magnitude (of DoRA) and embedding, comma-separated, or none. (default: bias,norm as with transformers' Trainer; factors and other weights decay)",
      valueName: "kinds"), completion: .list(["bias", "norm", "magnitude", "embedding", "none"]))
  var noDecay: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The decay rates for the averages of gradients and of their squares. (default: 0.9,0.999)",
      valueName: "b1,b2"))
  var adamBetas: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What is added to AdamW's divisor; LoRA-FA has 1e-06 unless it is given. (default: 1e-08)",
      valueName: "x"))
  var adamEps: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Scale larger gradients down to this norm. (default: off)", valueName: "x"))
  var maxGradNorm: Double?

  /// The rule, its rate and clipping.
  func optimization() throws -> Optimization {
    let choice = try optimizerChoice()
    guard let warmup = Warmup(warmup) else {
      throw UsageError("--warmup is \"\(warmup)\", expected steps or a share below 1")
    }
    return try Optimization(
      MethodRegistries.optimizers.make(choice)(undecayed()),
      learningRate: LearningRate(
        learningRate, schedule: schedule(), warmup: warmup, floor: lrFloor ?? 0),
      maxGradientNorm: maxGradNorm)
  }

  /// The optimizer, for whose options flags of their own stand too.
  func optimizerChoice() throws -> MethodChoice {
    let registry = MethodRegistries.optimizers
    var choice = try registry.chosen(optimizer)
    if let adamBetas {
      let betas = adamBetas.split(separator: ",", omittingEmptySubsequences: false)
        .map { Double($0.trimmingCharacters(in: .whitespaces)) ?? .nan }
      guard betas.count == 2, betas.allSatisfy({ (0..<1).contains($0) }) else {
        throw UsageError(
          "--adam-betas is \"\(adamBetas)\", expected two numbers below 1 as 0.9,0.999")
      }
      for (name, beta) in zip(["beta1", "beta2"], betas) {
        choice = try registry.setting(name, to: .double(beta), by: "--adam-betas", of: choice)
      }
    }
    for (flag, value) in [("--adam-eps", adamEps), ("--weight-decay", weightDecay)] {
      guard let value, !value.isFinite else { continue }
      throw UsageError("\(flag) is \(value), expected a finite number")
    }
    choice = try registry.setting(
      "eps", to: adamEps.map { .double($0) }, by: "--adam-eps", of: choice)
    return try registry.setting(
      "weight_decay", to: weightDecay.map { .double($0) }, by: "--weight-decay", of: choice)
  }

  /// What the optimizer was asked for, as states have it: a text of both betas, and two numbers.
  ///
  /// A flag's text stays as it was written.
  func optimizerSettings() throws -> JSONObject {
    let registry = MethodRegistries.optimizers
    let choice = try optimizerChoice()
    let card = registry.card(of: choice)
    func value(_ name: String) -> JSONValue {
      choice.options[name] ?? card.options.first { $0.name == name }?.standard ?? .null
    }
    let betas = ["beta1", "beta2"].map { value($0).text() }
    let given = choice.options
    return [
      "weight_decay": given["weight_decay"].map { .double($0.double ?? 0) } ?? .double(0),
      "adam_betas": .string(adamBetas ?? betas.joined(separator: ",")),
      "adam_eps": value("eps"),
      // Null as in states from before there was a choice.
      "optimizer": choice.name == registry.standard.name ? .null : .object(choice.json),
    ]
  }

  /// The course of the learning rate, whose own flags no other course has use for.
  private func schedule() throws -> Schedule {
    guard let named = Schedule.all.first(where: { $0.name == lrSchedule }) else {
      throw UsageError.value(
        lrSchedule, of: "--lr-schedule", expected: Schedule.all.map(\.name))
    }
    func check(_ flag: String, _ isGiven: Bool, for name: String) throws {
      guard isGiven, lrSchedule != name else { return }
      throw UsageError("\(flag) is for --lr-schedule \(name), which is \(lrSchedule)")
    }
    try check("--lr-power", lrPower != nil, for: "polynomial")
    try check("--lr-timescale", lrTimescale != nil, for: "inverse_sqrt")
    if let lrFloor, lrFloor != 0 {
      guard named.fallsToZero else {
        throw UsageError("--lr-floor has no effect: --lr-schedule \(lrSchedule) does not fall to 0")
      }
      guard lrFloor > 0, lrFloor < learningRate else {
        throw UsageError(
          "--lr-floor is \(lrFloor), expected 0 or more and below --learning-rate, \(learningRate)")
      }
    }
    if let lrPower {
      guard lrPower > 0, lrPower.isFinite else {
        throw UsageError("--lr-power is \(lrPower), expected a finite number above 0")
      }
      return .polynomial(power: lrPower)
    }
    if let lrTimescale {
      try Bounds.check(lrTimescale, "--lr-timescale", to: Bounds.steps)
      return .inverseSquareRoot(timescale: lrTimescale)
    }
    return named
  }

  /// What weight decay spares.
  private func undecayed() throws -> Set<Parameter.Role> {
    guard let noDecay else { return AdamW().undecayed }
    if noDecay == "none" { return [] }
    let kinds = ["bias", "norm", "magnitude", "embedding"]
    let names = noDecay.split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    guard names.allSatisfy(kinds.contains) else {
      throw UsageError(
        "--no-decay is \"\(noDecay)\", expected some of \(kinds.joined(separator: ",")), or none")
    }
    return Set(names.map { Parameter.Role(rawValue: $0) })
  }

  /// What these flags say where they say more than their defaults, for a state that must not be continued otherwise.
  var settings: JSONObject {
    get throws {
      let undecayed = try undecayed()
      return [
        "lr_floor": lrFloor.flatMap { $0 == 0 ? nil : .double($0) } ?? .null,
        "lr_power": lrPower.flatMap { $0 == 1 ? nil : .double($0) } ?? .null,
        "lr_timescale": lrTimescale.map { .integer($0) } ?? .null,
        "no_decay": undecayed == AdamW().undecayed
          ? .null : .string(undecayed.map(\.rawValue).sorted().joined(separator: ",")),
      ]
    }
  }

  /// Refuses a warm-up that the run would not see the end of.
  func checkWarmup(of steps: Int) throws {
    guard case .steps(let rising)? = Warmup(warmup), rising > steps else { return }
    throw UsageError("--warmup is \(rising), expected at most the run's steps, \(steps)")
  }

  /// The steps of a run over a number of rows.
  func count(rows: Int) throws -> Int {
    let perEpoch = Loader.stepsPerEpoch(
      examples: rows, batchSize: batchSize, accumulation: gradAccumulation)
    let steps = epochs.map { Int(($0 * Double(perEpoch)).rounded(.up)) } ?? iters ?? 1000
    try checkWarmup(of: steps)
    return steps
  }

  /// Refuses numbers that make no sense.
  func check() throws {
    func check(_ holds: Bool, _ flag: String, _ value: Any, _ expected: String) throws {
      if !holds { throw UsageError("\(flag) is \(value), expected \(expected)") }
    }
    try check(
      learningRate >= 0 && learningRate.isFinite, "--learning-rate", learningRate,
      "a finite number of 0 or more")
    _ = try optimization()
    try Bounds.check(batchSize, "--batch-size")
    try Bounds.check(gradAccumulation, "--grad-accumulation")
    try Bounds.check(iters, "--iters", to: Bounds.steps)
    try check(
      (epochs ?? 1) > 0 && (epochs ?? 1) <= Double(Bounds.count), "--epochs", epochs ?? 0,
      "above 0 and at most \(Bounds.count)")
    guard iters == nil || epochs == nil else {
      throw UsageError("give either --epochs or --iters, not both")
    }
    if epochs == nil { try checkWarmup(of: iters ?? 1000) }
    let (decay, epsilon) = (weightDecay ?? 0, adamEps ?? 1e-8)
    try check(
      decay >= 0 && decay.isFinite, "--weight-decay", decay, "a finite number of 0 or more")
    try check(epsilon > 0 && epsilon.isFinite, "--adam-eps", epsilon, "a finite number above 0")
    try check((maxGradNorm ?? 1) > 0, "--max-grad-norm", maxGradNorm ?? 0, "above 0")
  }
}
