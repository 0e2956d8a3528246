import Foundation
import LowRank

/// What `compress` says of healing, apart from what it says of pruning.
enum HealedText {
  /// The facts of a healed adapter.
  ///
  /// - Parameter meter: what measures it; nil where nothing is measured.
  /// - Throws: what measuring throws.
  static func facts(_ healing: Healing, _ meter: QualityMeter?, at rate: Double) throws
    -> JSONObject
  {
    var facts: JSONObject = [
      "heal_steps": .integer(healing.steps), "heal_learning_rate": .double(rate),
      "heal_train_loss_first": .double(healing.losses.first),
      "heal_train_loss_last": .double(healing.losses.last),
    ]
    guard let meter else { return facts }
    let quality = try meter.quality(of: healing.draft)
    facts["loss_healed"] = .double(quality.loss)
    if !quality.metrics.isEmpty { facts["healed"] = .object(quality.json) }
    facts["kl_healed"] = .double(try meter.divergence(of: healing.draft))
    return facts
  }

  /// A line; nil where nothing was healed.
  static func line(_ facts: JSONObject) -> String? {
    guard let steps = facts["heal_steps"]?.integer else { return nil }
    let start = "healed for \(steps) step\(steps == 1 ? "" : "s") at these ranks"
    guard let loss = facts["loss_healed"]?.double, let pruned = facts["loss_after"]?.double else {
      return start + "; the bound above is for the adapter before"
    }
    let metrics = (facts["healed"]?.object?.entries ?? []).compactMap { key, value in
      value.double.map { String(format: ", %@ %.4f", key, $0) }
    }
    return start + String(format: ": loss %.4f → %.4f", pruned, loss) + metrics.joined()
      + "; the bound above is for the adapter before"
  }
}
