import Foundation
import LowRank

/// What the runs of an experiment say of its variants.
///
/// The best learning rate of each variant is that with the best mean of the first metric on validation rows, over seeds.
/// Variants are compared at their best rates on the held-out rows, or on validation rows where none are held out, by paired
/// differences to the baseline's runs with the same seeds.
public struct ExperimentResults: Sendable {
  /// The plan.
  public let plan: ExperimentPlan
  /// The runs, trials of rates among them, in the order in which they were planned.
  public let runs: [RunRecord]
  /// The variants, the baseline first.
  public let summary: [VariantSummary]
  /// Whether variants are compared on held-out rows.
  public let isHeldOut: Bool
  /// The level at which differences count as significant, after the correction for many comparisons.
  public static let level = 0.05

  init(_ plan: ExperimentPlan, _ variants: [ResolvedVariant], _ runs: [RunRecord]) {
    self.init(plan, variants.map { ($0.variant.name, $0.choices, $0.parameters) }, runs)
  }

  /// The results of records.
  ///
  /// - Parameter variants: the names of the variants, the baseline first, with their choices and parameters.
  init(
    _ plan: ExperimentPlan, _ variants: [(name: String, choices: JSONObject, parameters: Int)],
    _ runs: [RunRecord]
  ) {
    (self.plan, self.runs) = (plan, runs)
    let metric = plan.metric
    let full = runs.filter { !$0.isTrial && $0.failure == nil }
    let best = variants.map { variant in
      Self.best(full.filter { $0.variant == variant.name }, by: metric)
    }
    let isHeldOut = best.contains { $0.contains { !$0.test.isEmpty } }
    self.isHeldOut = isHeldOut
    func value(_ record: RunRecord) -> Double {
      (isHeldOut ? record.test : record.valid)[metric.rawValue] ?? .nan
    }
    let baseline = best.first ?? []
    let goal = MeanCurve(baseline).points.last?.loss
    var found = zip(variants, best).enumerated().map { index, pair in
      let (variant, chosen) = pair
      let pairs = chosen.compactMap { record in
        baseline.first { $0.seed == record.seed }.map { (value(record), value($0)) }
      }.filter { $0.0.isFinite && $0.1.isFinite }
      return VariantSummary(
        variant: variant.name, choices: variant.choices, parameters: variant.parameters,
        bestRate: chosen.first?.rate,
        isAtEdge: chosen.first.map {
          plan.rates.count > 1 && [plan.rates.first, plan.rates.last].contains($0.rate)
        } ?? false,
        values: SampleSummary(chosen.map(value).filter(\.isFinite)),
        difference: index == 0 || pairs.isEmpty
          ? nil : PairedDifference(pairs.map(\.0), against: pairs.map(\.1)),
        stepsToBaseline: goal.flatMap { MeanCurve(chosen).firstStep(reaching: $0) },
        forgetting: SampleSummary(
          chosen.compactMap { $0.otherLoss.map { $0.after - $0.before } }),
        seconds: SampleSummary(chosen.map(\.seconds)).mean,
        failed: runs.filter { $0.variant == variant.name && $0.failure != nil }.count)
    }
    let corrected = HolmCorrection.corrected(found.map { $0.difference?.probability ?? .nan })
    for (index, probability) in corrected.enumerated() where !probability.isNaN {
      found[index].correctedProbability = probability
    }
    summary = found
  }

  /// The runs of a variant at its best rate; of rates with unequal numbers of finished runs, those with most are compared.
  private static func best(_ runs: [RunRecord], by metric: Metric) -> [RunRecord] {
    let rates = Dictionary(grouping: runs.filter { $0.valid(metric).isFinite }, by: \.rate)
    let most = rates.values.map(\.count).max() ?? 0
    let candidates = rates.filter { $0.value.count == most }.sorted { $0.key < $1.key }
    func mean(_ runs: [RunRecord]) -> Double { SampleSummary(runs.map { $0.valid(metric) }).mean }
    var best: [RunRecord] = []
    for (_, runs) in candidates where best.isEmpty || metric.isBetter(mean(runs), than: mean(best))
    {
      best = runs
    }
    return best.sorted { $0.seed < $1.seed }
  }

  /// The best rate of a variant; nil where none of its runs ended.
  func bestRate(of variant: String) -> Double? {
    summary.first { $0.variant == variant }?.bestRate
  }

  /// The runs of a variant at its best rate.
  func bestRuns(of variant: VariantSummary) -> [RunRecord] {
    runs.filter {
      $0.variant == variant.variant && $0.rate == variant.bestRate && !$0.isTrial
        && $0.failure == nil
    }
  }
}

/// What is found of one variant.
public struct VariantSummary: Sendable {
  /// Its name.
  public let variant: String
  /// What it chooses, by the names of settings.
  public let choices: JSONObject
  /// The numbers that it trains.
  public let parameters: Int
  /// The rate with the best validation; nil where no run ended.
  public let bestRate: Double?
  /// Whether the best rate is the least or the greatest that was tried, so that a better one may lie beyond.
  public let isAtEdge: Bool
  /// The first metric at the best rate, over seeds.
  public let values: SampleSummary
  /// The difference to the baseline; nil for the baseline itself, and where no seeds are shared.
  public let difference: PairedDifference?
  /// The first evaluated step at which the mean validation loss is at most the baseline's last; nil where none is.
  public let stepsToBaseline: Int?
  /// How much the loss on other data grew.
  public let forgetting: SampleSummary
  /// The mean seconds of training.
  public let seconds: Double
  /// How many of its runs failed.
  public let failed: Int
  /// The probability of the difference, corrected for the number of variants; nil where there is none.
  public internal(set) var correctedProbability: Double?

  /// Whether the difference is significant after the correction; nil where it is not known.
  public var isSignificant: Bool? { correctedProbability.map { $0 < ExperimentResults.level } }
}
