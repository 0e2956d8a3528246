import Foundation
import LowRank
import LowRankKeys
import LowRankSessions

/// A small experiment that finds a learning rate on the rows themselves, in a given time.
struct RateProbe {
  /// The best rate.
  let rate: Double
  /// What was tried and found.
  let sentence: String

  /// Rates from a quarter of the prior to four times as much.
  private static let factors = [0.25, 0.5, 1, 2, 4]
  /// The steps of all trials and of the last run, in units of the first trial: 5 rates × 1, 3 × 2, 2 × 4, and 8.
  private static let units = 27

  /// - Parameters:
  ///   - settings: the run whose rate is the prior.
  ///   - seconds: the time for all runs together.
  /// - Throws: what the runs throw, `Interrupted` if the user stopped it.
  init(_ settings: RunSettings, seconds: Double, secondsPerStep: Double) throws {
    let first = Int(seconds / secondsPerStep / 1.5) / Self.units
    guard first > 0 else {
      throw SettingsError(
        "\(setting: "probe") of \(Int(seconds)) s is too short: a step takes \(String(format: "%.2f", secondsPerStep)) s, and \(Self.units) are needed at least; give \(setting: "probe") \(Int((secondsPerStep * 1.5 * Double(Self.units)).rounded(.up)))s or more"
      )
    }
    var base = settings.json
    for key in [
      RunKey.output, .learningRate, .epochs, .iters, .seed, .evalEvery, .saveEvery, .patience,
    ] { base[key.rawValue] = nil }
    base[RunKey.noStore.rawValue] = true
    base[RunKey.store.rawValue] = nil
    let rates = Self.factors.map { AdviceRules.rounded(settings.steps.learningRate * $0) }
    let plan = try ExperimentPlan(
      [
        "base": .object(base),
        "vary": [
          "learning_rate": .array(rates.map { .double($0) }),
          "seed": [.integer(settings.model.seed)],
        ],
        "budget": ["steps": .integer(first * 8)], "halving": ["first": .integer(first)],
        "metrics": ["loss"],
      ], named: "the probe")
    let scratch = try ScratchFolder.made(for: "probe")
    defer { withExtendedLifetime(scratch) {} }
    let results = try Experiment(plan, in: scratch.url.appending(path: "probe").path).run()
    guard let best = results.summary[0].bestRate else {
      throw SettingsError("\(setting: "probe"): no rate trained to its end")
    }
    rate = best
    let loss = results.runs.last { $0.rate == best && !$0.isTrial }?.valid["loss"] ?? .nan
    sentence =
      "the best of \(rates.map { "\($0)" }.joined(separator: ", ")) in up to \(first * 8) steps"
      + String(format: ", with a validation loss of %.4f", loss)
      + (best == rates.first || best == rates.last ? "; a better rate may lie beyond" : "")
  }
}
