import LowRank
import LowRankSessions

/// What an experiment would take: its runs, and the time of each as measured by a rehearsal of its variant.
public struct ExperimentForecast: Sendable {
  /// One run.
  public struct Run: Sendable {
    /// Its name.
    public let name: String
    /// Its variant's name.
    public let variant: String
    /// What it chooses, by the names of settings.
    public let choices: JSONObject
    /// Its learning rate.
    public let rate: Double
    /// Its seed.
    public let seed: Int
    /// Its steps.
    public let steps: Int
    /// The numbers that it trains.
    public let parameters: Int
    /// The expected time, evaluations included.
    public let seconds: Double
  }

  /// The runs in their order; where rates are halved, one of those that may go on stands for it.
  public let runs: [Run]
  /// All of them together.
  public var seconds: Double { runs.reduce(0) { $0 + $1.seconds } }

  /// Rehearses each variant once; trains nothing and writes nothing but temporary files.
  ///
  /// - Throws: as `Experiment`.
  public init(_ plan: ExperimentPlan) throws {
    let scratch = try ScratchFolder.made(for: "experiment-data")
    defer { withExtendedLifetime(scratch) {} }
    let data = PreparedData(plan, in: scratch.url)
    let (hear, once) = (Surroundings.current.hear, SaidOnce())
    // Parts of data lie in a temporary folder, which nobody can look into later.
    runs = try data.naming {
      try Experiment.silently({ event in
        guard case .warning(let remark) = event else { return }
        let named = remark.changingWords(data.named)
        if once.isFirst(named.text.description) { hear(named) }
      }) { try Self.runs(of: plan, data) }
    }
  }

  private static func runs(of plan: ExperimentPlan, _ data: PreparedData) throws -> [Run] {
    let resolver = try VariantResolver(plan, data)
    let variants = try resolver.all { _ in nil }
    for variant in variants { _ = try data.test(of: variant.settings) }
    if let first = variants.first { try HeldOutMeasure(first.settings).check(plan.forgetting) }
    var times: [String: (step: Double, evaluation: Double)] = [:]
    let work = Work("measuring variants", of: variants.count, .tries)
    defer { work.end() }
    for variant in variants {
      work.detail = variant.variant.name
      let found = try resolver.forecast(variant)
      times[variant.slug] = (found.seconds / Double(max(1, variant.steps)), found.evaluation)
      work.advance()
    }
    return RunSchedule(plan, variants).runs.map { run in
      let time = times[run.variant.slug] ?? (0, 0)
      let every = run.variant.settings.evalEvery ?? max(1, run.steps / 10)
      return Run(
        name: run.name, variant: run.variant.variant.name, choices: run.variant.choices,
        rate: run.rate, seed: run.seed, steps: run.steps, parameters: run.variant.parameters,
        seconds: Double(run.steps) * time.step + Double(run.steps / every) * time.evaluation)
    }
  }

  /// The forecast as JSON.
  public var json: JSONObject {
    [
      "dry_run": true,
      "runs": .array(
        runs.map { run in
          var json: JSONObject = ["name": .string(run.name), "variant": .string(run.variant)]
          for (key, value) in run.choices.entries { json[key] = value }
          json["learning_rate"] = .double(run.rate)
          json["seed"] = .integer(run.seed)
          json["steps"] = .integer(run.steps)
          json["parameters"] = .integer(run.parameters)
          json["seconds"] = .double(run.seconds)
          return .object(json)
        }),
      "expected_seconds": .double(seconds), "hours": .double(seconds / 3600),
    ]
  }
}
