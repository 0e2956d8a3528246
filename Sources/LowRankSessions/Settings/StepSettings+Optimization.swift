import Foundation
import LowRank

extension StepSettings {
  /// The rule, its rate and clipping.
  package func optimization() throws -> Optimization {
    let choice = try optimizerChoice()
    guard let warmup = Warmup(warmup) else {
      throw SettingsError("\(.warmup) is \"\(warmup)\", expected steps or a share below 1")
    }
    return try Optimization(
      MethodRegistries.optimizers.make(choice)(undecayed()),
      learningRate: LearningRate(
        learningRate, schedule: namedSchedule(), warmup: warmup, floor: rateFloor ?? 0),
      maxGradientNorm: maxGradNorm)
  }

  /// The optimizer, for whose options other settings stand too.
  package func optimizerChoice() throws -> MethodChoice {
    let registry = MethodRegistries.optimizers
    var choice = optimizer ?? registry.standard
    if let adamBetas {
      let betas = adamBetas.split(separator: ",", omittingEmptySubsequences: false)
        .map { Double($0.trimmingCharacters(in: .whitespaces)) ?? .nan }
      guard betas.count == 2, betas.allSatisfy({ (0..<1).contains($0) }) else {
        throw SettingsError(
          "\(.adamBetas) is \"\(adamBetas)\", expected two numbers below 1 as 0.9,0.999")
      }
      for (name, beta) in zip(["beta1", "beta2"], betas) {
        choice = try registry.setting(name, to: .double(beta), by: .adamBetas, of: choice)
      }
    }
    for (key, value) in [(RunKey.adamEpsilon, adamEpsilon), (.weightDecay, weightDecay)] {
      guard let value, !value.isFinite else { continue }
      throw SettingsError("\(key) is \(value), expected a finite number")
    }
    choice = try registry.setting(
      "eps", to: adamEpsilon.map { .double($0) }, by: .adamEpsilon, of: choice)
    return try registry.setting(
      "weight_decay", to: weightDecay.map { .double($0) }, by: .weightDecay, of: choice)
  }

  /// What the optimizer was asked for, as states have it: a text of both betas, and two numbers.
  ///
  /// A text stays as it was written.
  package func optimizerSettings() throws -> JSONObject {
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

  /// The course of the learning rate, whose own settings no other course has use for.
  private func namedSchedule() throws -> Schedule {
    guard let named = Schedule.all.first(where: { $0.name == schedule }) else {
      throw SettingsError.value(
        schedule, of: .schedule, expected: Schedule.all.map(\.name))
    }
    func check(_ key: RunKey, _ isGiven: Bool, for name: String) throws {
      guard isGiven, schedule != name else { return }
      throw SettingsError("\(key) is for \(.schedule) \(name), which is \(schedule)")
    }
    try check(.ratePower, ratePower != nil, for: "polynomial")
    try check(.rateTimescale, rateTimescale != nil, for: "inverse_sqrt")
    if let rateFloor, rateFloor != 0 {
      guard named.fallsToZero else {
        throw SettingsError(
          "\(.rateFloor) has no effect: \(.schedule) \(schedule) does not fall to 0")
      }
      guard rateFloor > 0, rateFloor < learningRate else {
        throw SettingsError(
          "\(.rateFloor) is \(rateFloor), expected 0 or more and below \(.learningRate), \(learningRate)"
        )
      }
    }
    if let ratePower {
      guard ratePower > 0, ratePower.isFinite else {
        throw SettingsError("\(.ratePower) is \(ratePower), expected a finite number above 0")
      }
      return .polynomial(power: ratePower)
    }
    if let rateTimescale {
      try Bounds.check(rateTimescale, "\(.rateTimescale)", to: Bounds.steps)
      return .inverseSquareRoot(timescale: rateTimescale)
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
      throw SettingsError(
        "\(.noDecay) is \"\(noDecay)\", expected some of \(kinds.joined(separator: ",")), or none")
    }
    return Set(names.map { Parameter.Role(rawValue: $0) })
  }

  /// What these settings say where they say more than their defaults, for a state that must not be continued otherwise.
  package var settings: JSONObject {
    get throws {
      let undecayed = try undecayed()
      return [
        "lr_floor": rateFloor.flatMap { $0 == 0 ? nil : .double($0) } ?? .null,
        "lr_power": ratePower.flatMap { $0 == 1 ? nil : .double($0) } ?? .null,
        "lr_timescale": rateTimescale.map { .integer($0) } ?? .null,
        "no_decay": undecayed == AdamW().undecayed
          ? .null : .string(undecayed.map(\.rawValue).sorted().joined(separator: ",")),
      ]
    }
  }

  /// Refuses a warm-up that the run would not see the end of.
  package func checkWarmup(of steps: Int) throws {
    guard case .steps(let rising)? = Warmup(warmup), rising > steps else { return }
    throw SettingsError("\(.warmup) is \(rising), expected at most the run's steps, \(steps)")
  }

  /// The steps of a run over a number of rows.
  package func count(rows: Int) throws -> Int {
    let perEpoch = Loader.stepsPerEpoch(
      examples: rows, batchSize: batchSize, accumulation: gradAccumulation)
    let steps = epochs.map { Int(($0 * Double(perEpoch)).rounded(.up)) } ?? iters ?? 1000
    try checkWarmup(of: steps)
    return steps
  }

  /// Refuses numbers that make no sense.
  package func check() throws {
    func check(_ holds: Bool, _ key: RunKey, _ value: Any, _ expected: String) throws {
      if !holds { throw SettingsError("\(key) is \(value), expected \(expected)") }
    }
    try check(
      learningRate >= 0 && learningRate.isFinite, .learningRate, learningRate,
      "a finite number of 0 or more")
    _ = try optimization()
    try Bounds.check(batchSize, "\(.batchSize)")
    try Bounds.check(gradAccumulation, "\(.gradAccumulation)")
    try Bounds.check(iters, "\(.iters)", to: Bounds.steps)
    try check(
      (epochs ?? 1) > 0 && (epochs ?? 1) <= Double(Bounds.count), .epochs, epochs ?? 0,
      "above 0 and at most \(Bounds.count)")
    guard iters == nil || epochs == nil else {
      throw SettingsError("give either \(.epochs) or \(.iters), not both")
    }
    if epochs == nil { try checkWarmup(of: iters ?? 1000) }
    let (decay, epsilon) = (weightDecay ?? 0, adamEpsilon ?? 1e-8)
    try check(
      decay >= 0 && decay.isFinite, .weightDecay, decay, "a finite number of 0 or more")
    try check(epsilon > 0 && epsilon.isFinite, .adamEpsilon, epsilon, "a finite number above 0")
    try check((maxGradNorm ?? 1) > 0, .maxGradNorm, maxGradNorm ?? 0, "above 0")
  }
}
