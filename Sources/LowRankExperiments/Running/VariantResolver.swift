import Foundation
import LowRank
import LowRankKeys
import LowRankSessions

/// Finds the rank and the steps of every variant, and refuses what cannot work before anything is trained.
struct VariantResolver {
  let plan: ExperimentPlan
  let data: PreparedData
  /// A folder for runs that are only opened.
  private let scratch: ScratchFolder

  /// - Throws: `FileError`.
  init(_ plan: ExperimentPlan, _ data: PreparedData) throws {
    (self.plan, self.data) = (plan, data)
    scratch = try ScratchFolder.made(for: "experiment")
  }

  /// All variants, each opened once.
  ///
  /// - Parameter known: what an earlier call found of a variant, by its name as that of a file.
  /// - Throws: `SettingsError` with the variant that cannot be.
  func all(known: (String) throws -> JSONObject?) throws -> [ResolvedVariant] {
    let variants = Variant.all(of: plan)
    var (result, slugs) = ([ResolvedVariant](), Set<String>())
    var ranks: [RunSettings: Int] = [:]
    let work = Work("checking variants", of: variants.count, .tries)
    defer { work.end() }
    for variant in variants {
      work.detail = variant.name
      defer { work.advance() }
      var slug = FileName.slug(variant.name)
      // Names that differ in other characters alone get a number.
      if !slugs.insert(slug).inserted {
        slug += "-\(result.count)"
        slugs.insert(slug)
      }
      let found = try known(slug)
      result.append(try naming(variant) { try resolved(variant, slug, found, &ranks) })
      guard !Surroundings.current.isStopping() else { throw Interrupted() }
    }
    return result
  }

  /// What a run of a variant would take.
  ///
  /// - Throws: `SettingsError`.
  func forecast(_ variant: ResolvedVariant) throws -> (seconds: Double, evaluation: Double) {
    let session = try opened(variant.settings, steps: variant.steps)
    let forecast = try session.plan()
    let rows = session.validation
    let tokens = (0..<(rows?.count ?? 0)).reduce(0) { $0 + (rows?.inputTokens(of: $1) ?? 0) }
    // A forward pass is a third of a step.
    let evaluation =
      Double(tokens) / max(1, forecast.plan.tokensPerStep) * forecast.plan.secondsPerStep / 3
    return (forecast.seconds, evaluation)
  }

  private func resolved(
    _ variant: Variant, _ slug: String, _ known: JSONObject?, _ ranks: inout [RunSettings: Int]
  ) throws -> ResolvedVariant {
    var settings = try variant.settings(of: plan)
    try data.fill(&settings)
    if let metric = plan.metrics.first, try plan.task != .causal, settings.metric == nil {
      settings.metric = metric.rawValue
    }
    if let known, let steps = known["steps"]?.integer,
      let parameters = known["parameters"]?.integer
    {
      if plan.budget.parameters != nil { settings.adapter.rank = known["rank"]?.integer }
      return ResolvedVariant(
        variant: variant, slug: slug, settings: settings, steps: steps, parameters: parameters)
    }
    try settings.check()
    if let budget = plan.budget.parameters {
      // Neither the start nor the optimizer changes how much is trained.
      var sized = settings
      (sized.adapter.initialization, sized.steps) = (nil, StepSettings())
      let rank =
        try ranks[sized]
        ?? RankSearch(
          atMost: budget, for: settings, on: settings.openTask(), named: variant.name
        ).rank
      ranks[sized] = rank
      settings.adapter.rank = rank
    }
    if case .tokens(let tokens) = plan.budget.length {
      let count = Double(tokens) / max(1, try settings.tokensPerStep(of: settings.openTask()))
      settings.steps.iters = max(1, Int(count.rounded()))
    }
    if case .steps(let steps) = plan.budget.length { settings.steps.iters = steps }
    let session = try opened(settings, steps: nil)
    guard session.validation != nil else {
      throw SettingsError(
        "there are no rows to choose learning rates by: give \(.data) with a valid file, or \(.validShare)"
      )
    }
    var steps = session.steps
    if case .seconds(let seconds) = plan.budget.length {
      steps = max(1, Int(seconds / max(1e-6, try session.plan().plan.secondsPerStep)))
    }
    return ResolvedVariant(
      variant: variant, slug: slug, settings: settings, steps: steps,
      parameters: session.parameterCount)
  }

  /// A run that is opened and not trained.
  private func opened(_ settings: RunSettings, steps: Int?) throws -> TrainingSession {
    var settings = settings
    settings.steps.learningRate = plan.rates[0]
    settings.model.seed = plan.seeds[0]
    if let steps { (settings.steps.iters, settings.steps.epochs) = (steps, nil) }
    settings.output = scratch.url.appending(path: "run").path
    settings.plan.dryRun = true
    settings.records.noStore = true
    settings.records.store = nil
    let hear = Surroundings.current.hear
    return try TrainingSession(settings) { event in
      if case .warning(let remark) = event { hear(remark) }
    }
  }

  /// Says of which variant something is wrong.
  private func naming<Result>(_ variant: Variant, _ work: () throws -> Result) throws -> Result {
    do { return try work() } catch let error as Interrupted { throw error } catch {
      throw SettingsError("the variant \(variant.name): \(Setting.keyed(error))")
    }
  }
}
