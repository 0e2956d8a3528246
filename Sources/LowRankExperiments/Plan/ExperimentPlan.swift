import LowRank
import LowRankSessions

/// Runs that are compared: one run, what is varied of it, and how variants are judged.
///
/// Each variant is trained with every learning rate and every seed, so that no method is judged by the rate of another.
public struct ExperimentPlan: Hashable, Sendable {
  /// How the values of several keys are combined.
  public enum Combinations: String, CaseIterable, Sendable {
    /// Every value of a key with every value of the others.
    case all
    /// The baseline, and variants that differ from it in one key.
    case oneAtATime = "one_at_a_time"
  }

  /// How many rows of each split are used; nil for all.
  public struct Rows: Hashable, Sendable {
    /// The rows to train on, to choose by, and to compare on.
    public var train, valid, test: Int?
  }

  /// The settings of a run that all variants share, by their names in YAML.
  public var base: JSONObject
  /// The values of varied keys, in the order of the file; without learning rates and seeds.
  public var axes: [(key: RunKey, values: [JSONValue])]
  /// The learning rates of every variant.
  public var rates: [Double]
  /// The seeds of every variant and rate.
  public var seeds: [Int]
  /// How axes are combined.
  public var combinations = Combinations.all
  /// The values of varied keys with which variants are compared.
  public var baseline: [RunKey: JSONValue]
  /// What is the same for all variants.
  public var budget = ExperimentBudget()
  /// The metrics that are reported, of which the first decides.
  public var metrics: [Metric]
  /// The rows for the comparison of chosen variants.
  public var heldOut: HeldOutRows?
  /// How many rows of each split are used, chosen at random once.
  public var rows = Rows()
  /// Data of another kind, on which the loss is measured before and after training.
  public var forgetting: String?
  /// Successive halving over learning rates; nil to train all of them in full.
  public var halving: RateHalving?

  public static func == (left: Self, right: Self) -> Bool { left.json == right.json }
  public func hash(into hasher: inout Hasher) { hasher.combine(json) }

  /// What training is for.
  ///
  /// - Throws: `SettingsError`.
  var task: TrainingTask {
    get throws { try RunSettings.task(base[RunKey.task.rawValue]?.string ?? "causal") }
  }

  /// The metric that decides.
  var metric: Metric { metrics[0] }

  /// The plan as JSON, by which a folder of results knows it.
  public var json: JSONObject {
    var vary = JSONObject()
    for (key, values) in axes { vary[key.rawValue] = .array(values) }
    vary[RunKey.learningRate.rawValue] = .array(rates.map { .double($0) })
    vary[RunKey.seed.rawValue] = .array(seeds.map { .integer($0) })
    var compared = JSONObject()
    for (key, _) in axes { compared[key.rawValue] = baseline[key] }
    return [
      "base": .object(base), "vary": .object(vary), "baseline": .object(compared),
      "combinations": .string(combinations.rawValue), "budget": .object(budget.json),
      "metrics": .array(metrics.map { .string($0.rawValue) }),
      "held_out": heldOut?.json ?? .null,
      "rows": [
        "train": rows.train.map { .integer($0) } ?? .null,
        "valid": rows.valid.map { .integer($0) } ?? .null,
        "test": rows.test.map { .integer($0) } ?? .null,
      ],
      "forgetting": forgetting.map { .string($0) } ?? .null,
      "halving": (halving?.json).map { .object($0) } ?? .null,
    ]
  }
}
