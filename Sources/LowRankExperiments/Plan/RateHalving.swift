import LowRank
import LowRankSessions

/// Successive halving over learning rates: all are tried for a few steps on one seed, and only the better ones for more.
///
/// K. Jamieson and A. Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016.
/// A rate is tried by a run of its own, whose schedule ends where the trial does.
public struct RateHalving: Hashable, Sendable {
  /// One of so many rates goes on; the steps grow by the same factor.
  public var factor: Int
  /// The steps of the first trial.
  public var first: Int

  /// Reads `{first: 50, factor: 2}`; nil for null.
  ///
  /// - Throws: `SettingsError`.
  init?(_ value: JSONValue?, rates: Int, _ name: String) throws {
    guard let value, value != .null else { return nil }
    guard let object = value.object, let first = object["first"]?.integer, first > 0 else {
      throw SettingsError(
        "\(name): halving is \(value.text()), expected the steps of the first trial, as {first: 50}"
      )
    }
    for key in object.keys where key != "first" && key != "factor" {
      throw SettingsError(
        "\(name): halving has the unknown key \"\(key)\", expected first or factor")
    }
    let factor = object["factor"]?.integer ?? 2
    guard factor > 1 else {
      throw SettingsError("\(name): halving.factor is \(factor), expected at least 2")
    }
    guard rates > 1 else {
      throw SettingsError(
        "\(name): halving has nothing to choose from: vary.learning_rate has one rate")
    }
    (self.factor, self.first) = (factor, first)
  }

  /// A rule.
  init(first: Int, factor: Int) { (self.first, self.factor) = (first, factor) }

  /// The trials before the full run: how many rates each begins with, and its steps.
  func trials(rates: Int, steps: Int) -> [(rates: Int, steps: Int)] {
    var (trials, rates, count) = ([(rates: Int, steps: Int)](), rates, first)
    while rates > 1, count < steps {
      trials.append((rates, count))
      (rates, count) = ((rates + factor - 1) / factor, count * factor)
    }
    return trials
  }

  var json: JSONObject { ["first": .integer(first), "factor": .integer(factor)] }
}
