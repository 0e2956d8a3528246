import Foundation
import LowRank
import LowRankSessions

/// One run of an experiment.
struct PlannedRun {
  let variant: ResolvedVariant
  let rate: Double
  let seed: Int
  let steps: Int
  let isTrial: Bool

  /// A full run, or with `steps` a trial of a rate.
  init(_ variant: ResolvedVariant, rate: Double, seed: Int, trying steps: Int? = nil) {
    (self.variant, self.rate, self.seed) = (variant, rate, seed)
    (self.steps, isTrial) = (steps ?? variant.steps, steps != nil)
  }

  /// What people call it.
  var name: String {
    "\(variant.variant.name), lr \(rate), seed \(seed)" + (isTrial ? ", \(steps) steps" : "")
  }

  var slug: String {
    FileName.slug("\(variant.slug) lr \(rate) seed \(seed)")
      + (isTrial ? "-trial-\(steps)" : "")
  }

  /// The settings of the run.
  ///
  /// - Parameter place: where its adapter goes.
  func settings(at place: URL) -> RunSettings {
    var settings = variant.settings
    settings.steps.learningRate = rate
    settings.model.seed = seed
    (settings.steps.iters, settings.steps.epochs) = (steps, nil)
    settings.output = place.relativePath
    settings.evalEvery = settings.evalEvery ?? max(1, steps / 10)
    settings.saveTotalLimit = 1
    settings.resume = true
    return settings
  }

  /// The settings that a record is compared by: where files lie does not matter.
  var comparedSettings: JSONObject {
    var settings = variant.settings
    settings.steps.learningRate = rate
    settings.model.seed = seed
    (settings.steps.iters, settings.steps.epochs) = (steps, nil)
    var json = settings.json
    for key in [RunKey.store, .noStore, .threads, .memoryLimit] { json[key.rawValue] = nil }
    return json
  }
}
