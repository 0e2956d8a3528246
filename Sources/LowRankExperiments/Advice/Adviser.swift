import Foundation
import LowRank
import LowRankSessions

/// Finds settings for a model and data by the rules of ``AdviceRules``, and measures what the run would take.
public struct Adviser {
  private let request: AdviceRequest
  private let facts: DataFacts
  private let task: TrainingTask
  private var advice: Advice

  /// Looks at model and data, and measures.
  ///
  /// - Throws: `SettingsError` where nothing fits into the memory or the parameters, and what opening a run throws.
  public static func advice(for request: AdviceRequest) throws -> Advice {
    var adviser = try Adviser(request)
    try adviser.chooseAdapter()
    adviser.chooseSteps()
    try adviser.measure()
    if let seconds = request.probe { try adviser.probe(seconds) }
    return adviser.advice
  }

  private init(_ request: AdviceRequest) throws {
    self.request = request
    var settings = request.settings
    settings.plan.memoryLimit = request.memory
    _ = try settings.plan.limit
    task = try request.task ?? DataFacts.task(of: settings)
    settings.task = task.rawValue
    if try Self.lacksValidation(settings) { settings.splits.validShare = 0.1 }
    facts = try DataFacts(settings)
    settings.output = settings.output ?? "adapters/advised"
    settings.metric = settings.metric ?? (task == .causal ? "loss" : nil)
    advice = Advice(settings)
    note(
      "task \(task.rawValue)",
      "\(facts.rows) rows of \(Int(facts.lengths.mean.rounded())) tokens, at most \(facts.lengths.greatest); \(facts.learned) \(task == .causal ? "tokens" : "labels") to learn",
      request.task == nil ? .data : .asked)
    if settings.splits.validShare != nil {
      note("valid_share 0.1", "there are no rows to evaluate on", .data)
    }
  }

  private static func lacksValidation(_ settings: RunSettings) throws -> Bool {
    guard settings.splits.validShare == nil else { return false }
    return try LocatedData.files(
      settings.data.data, settings.splits, reading: [.train, .valid], announces: false,
      ofImages: settings.parsedTask == .imageClassification
    ).valid == nil
  }

  private mutating func note(
    _ choice: String, _ reason: String, _ source: AdviceSource, _ more: String = ""
  ) {
    advice.reasons.append(AdviceReason(choice, reason, source, more))
  }

  private mutating func chooseAdapter() throws {
    advice.settings.adapter.target = "all-linear"
    note(
      "target all-linear", "few modules at a high rank learn less than all at a low one", .allLinear
    )
    note(
      "method lora", "no variant is known to be better for a model and data like these",
      .tunedVanilla)
    let each = max(1, facts.parametersPerRank)
    var rank = AdviceRules.rank(
      bits: facts.bits, parametersPerRank: each, width: facts.width)
    if let most = request.parameters, rank * each > most {
      guard most >= each else {
        throw SettingsError(
          "parameters is \(most), expected at least \(each), those of rank 1 on all linear maps")
      }
      rank = most / each
      note("rank \(rank)", "\(rank * each) parameters; \(each) for a unit of rank", .asked)
    } else {
      note(
        "rank \(rank)",
        "\(rank * each) parameters for about \(Int(facts.bits)) bits to learn, in a model of width \(facts.width)",
        .capacity)
    }
    advice.settings.adapter.rank = rank
    advice.settings.adapter.alpha = AdviceRules.alpha
    note("alpha 32", "the rates that are known are for this scale", .fixedAlpha)
    let known = AdviceRules.rateExponent(of: facts.family)
    let rate = AdviceRules.rate(
      width: facts.width, exponent: known ?? AdviceRules.middleExponent)
    advice.settings.steps.learningRate = rate
    if known != nil {
      note("learning_rate \(rate)", "a \(facts.family) of width \(facts.width)", .ratePrior)
    } else {
      note(
        "learning_rate \(rate)",
        "between the rates of Llama and Qwen at width \(facts.width): nobody has measured \(facts.family)",
        .unknown,
        "vary: {learning_rate: [\(AdviceRules.rounded(rate / 3)), \(rate), \(AdviceRules.rounded(rate * 3))]}"
      )
    }
  }

  private mutating func chooseSteps() {
    let batch = AdviceRules.batch(rows: facts.rows)
    let atOnce = AdviceRules.rowsAtOnce(of: batch, meanTokens: facts.lengths.mean)
    advice.settings.steps.batchSize = atOnce
    advice.settings.steps.gradAccumulation = batch / atOnce
    note(
      "batch_size \(batch)",
      atOnce == batch
        ? "\(facts.rows) rows" : "computed \(atOnce) at a time, since rows are long", .smallBatches)
    let epochs = AdviceRules.epochs(rows: facts.rows, batch: batch, task: task)
    advice.settings.steps.epochs = epochs
    advice.settings.steps.iters = nil
    note(
      "epochs \(epochs)",
      "\(facts.rows) rows; the best of the evaluations on the way is kept, so that more do no harm",
      .smallData)
    setEvaluations()
  }

  private var steps: Int {
    max(
      1,
      Int(
        (Double(facts.rows) / Double(advice.batch) * (advice.settings.steps.epochs ?? 1))
          .rounded(.up)))
  }

  private mutating func setEvaluations() {
    advice.settings.evalEvery = max(1, steps / 10)
    if steps < 100,
      let place = advice.reasons.firstIndex(where: {
        $0.choice.hasPrefix("learning_rate")
      }), !advice.reasons[place].reason.contains("short")
    {
      let rate = AdviceRules.rounded(min(1e-2, advice.settings.steps.learningRate * 1.5))
      advice.settings.steps.learningRate = rate
      advice.reasons[place] = AdviceReason(
        "learning_rate \(rate)",
        advice.reasons[place].reason + "; half as much again for a short run",
        .shortRuns)
    }
  }

  /// Rehearses the run, makes it smaller where it would take too much, and says what it takes.
  private mutating func measure() throws {
    var forecast = try rehearsed()
    if let most = request.seconds, forecast.seconds > most {
      let share = most / forecast.seconds
      let epochs = (advice.settings.steps.epochs ?? 1) * share
      advice.settings.steps.epochs = max(0.001, (epochs * 1000).rounded(.down) / 1000)
      advice.reasons.removeAll { $0.choice.hasPrefix("epochs") }
      note(
        "epochs \(advice.settings.steps.epochs ?? 0)",
        String(
          format: "more would take longer than %.0f s: a step takes %.3f s", most,
          forecast.plan.secondsPerStep), .measured)
      setEvaluations()
      forecast = try rehearsed()
    }
    advice.seconds = forecast.seconds
    advice.bytes = forecast.plan.memory.total
    note(
      advice.settings.plan.memoryLimit.map { "memory_limit \($0)" } ?? "memory as it comes",
      String(
        format: "the run takes about %.0f s and %.2f GB at its peak", forecast.seconds,
        Double(advice.bytes) / 1e9), .measured)
    choosePacking()
  }

  /// The run's plan; with blocks computed again where the memory is too small otherwise.
  private mutating func rehearsed() throws -> RunForecast {
    do { return try plan() } catch let error as SettingsError {
      guard request.memory != nil else { throw error }
      guard !advice.settings.plan.gradCheckpointing else {
        throw SettingsError(
          "\(error.text); a GGUF file of the model takes less, as do shorter rows (\(.maxSequenceLength))"
        )
      }
      advice.settings.plan.gradCheckpointing = true
      let forecast = try rehearsed()
      note(
        "grad_checkpointing true", "without it the run does not fit into \(request.memory ?? "")",
        .measured)
      return forecast
    }
  }

  private func plan() throws -> RunForecast {
    let scratch = try ScratchFolder.made(for: "advice")
    defer { withExtendedLifetime(scratch) {} }
    var settings = advice.settings
    settings.output = scratch.url.appending(path: "run").path
    settings.plan.dryRun = true
    settings.records.noStore = true
    return try Experiment.silently({ _ in }) { try TrainingSession(settings).plan() }
  }

  private mutating func choosePacking() {
    let isLarge = facts.baseParameters > 1_000_000_000
    advice.isPacked = facts.isPacked || isLarge
    if facts.isPacked {
      note("quantize true", "the base is a GGUF file already and stays packed", .packedBase)
    } else if isLarge {
      note(
        "quantize true",
        "a GGUF file of these \(facts.baseParameters / 1_000_000) million parameters takes a quarter of the memory; the YAML names the folder that was given",
        .packedBase)
    } else {
      note("quantize false", "the base is small beside what training takes", .packedBase)
    }
  }

  private mutating func probe(_ seconds: Double) throws {
    let found = try RateProbe(
      advice.settings, seconds: seconds, secondsPerStep: max(1e-6, advice.seconds / Double(steps)))
    advice.reasons.removeAll { $0.choice.hasPrefix("learning_rate") }
    advice.settings.steps.learningRate = found.rate
    note("learning_rate \(found.rate)", found.sentence, .probe)
  }
}
