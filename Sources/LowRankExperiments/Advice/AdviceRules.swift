import Foundation
import LowRank

/// The rules of advice as functions of what is known of model and data, each with the thresholds it uses.
enum AdviceRules {
  /// The scale that rates of the prior are for.
  static let alpha = 32.0
  /// The ranks that are advised.
  static let ranks = [8, 16, 32, 64]
  /// The fewest steps in which a classifier's head settles.
  static let leastSteps = 500
  /// The tokens that are computed at once.
  static let tokensAtOnce = 4096

  /// The least rank whose parameters hold what the rows say: half a parameter for a bit.
  ///
  /// - Parameters:
  ///   - bits: what there is to learn.
  ///   - parameters: the parameters of a unit of rank.
  ///   - width: the width of the model, of which a rank above an eighth hardly is low.
  static func rank(bits: Double, parametersPerRank parameters: Int, width: Int) -> Int {
    let most = max(ranks[0], width / 8)
    let fitting = ranks.filter { $0 <= most }
    return fitting.first { Double($0 * parameters) * 2 >= bits } ?? fitting.last ?? ranks[0]
  }

  /// The exponent of a family's rates in the width; nil where nobody has measured it.
  static func rateExponent(of family: String) -> Double? {
    if family.hasPrefix("qwen") { return 0.0775 }
    return ["llama", "smollm3", "mistral"].contains(family) ? 0.781 : nil
  }

  /// The prior of the learning rate: `5e-4 (2000/width)^e`, to two digits.
  static func rate(width: Int, exponent: Double) -> Double {
    rounded(min(1e-2, 5e-4 * pow(2000 / Double(max(1, width)), exponent)))
  }

  /// The exponent for families without a measured one: between the two that are known.
  static let middleExponent = 0.43

  /// A number to two digits.
  static func rounded(_ value: Double) -> Double {
    let size = pow(10, (log10(value)).rounded(.down) - 1)
    return Double(String(format: "%.2g", (value / size).rounded() * size)) ?? value
  }

  /// The rows of a step.
  static func batch(rows: Int) -> Int { rows < 2000 ? 8 : 16 }

  /// The rows that are computed at once, of a batch with rows of a mean length.
  static func rowsAtOnce(of batch: Int, meanTokens: Double) -> Int {
    var count = batch
    while count > 1, Double(count) * meanTokens > Double(tokensAtOnce) { count /= 2 }
    return count
  }

  /// The passes over the rows.
  static func epochs(rows: Int, batch: Int, task: TrainingTask) -> Double {
    let perEpoch = Double(rows) / Double(batch)
    guard task == .causal else {
      return min(20, max(3, (Double(leastSteps) / max(1, perEpoch)).rounded(.up)))
    }
    return rows < 5_000 ? 5 : rows < 20_000 ? 3 : 2
  }
}
