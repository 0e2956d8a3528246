import Foundation
import LowRank

/// An adapter that an experiment trained or found, with what was measured.
struct TrainedAdapter {
  /// What it is.
  let recipe: Recipe
  /// Its folder.
  let folder: URL
  /// Its parameters.
  let parameters: Int
  /// The mean loss of the run's last tenth of steps.
  let trainingLoss: Double
  /// The mean loss of a token of the validation rows.
  let loss: Double

  /// The file in its folder by which a rerun knows it.
  static let recordName = "experiment.json"

  /// The measurements as JSON.
  var json: JSONObject {
    [
      "adapter": .string("adapters/\(recipe.name)"),
      "matrices": .array(recipe.roles.map { .string($0.letter) }),
      "ranks": .array(recipe.ranks.map { .integer($0) }), "parameters": .integer(parameters),
      "train_loss": .double(trainingLoss), "valid_loss": .double(loss),
    ]
  }
}
