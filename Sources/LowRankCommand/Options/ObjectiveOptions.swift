import ArgumentParser
import LowRank
import LowRankSessions

/// The flags of objectives that learn from preferences.
struct ObjectiveOptions: ParsableArguments {
  @OptionGroup var choice: ObjectiveOption

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How much the distance from the reference costs: more keeps the model closer to it; with orpo, the weight of the odds ratio. (default: 0.1)",
      valueName: "b"))
  var beta: Double?

  @Option(
    help: ArgumentHelp(
      "The loss of a pair with dpo: sigmoid, hinge, ipo or robust. (default: sigmoid)",
      valueName: "type"), completion: .lossType)
  var lossType: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The margin between rewards with simpo. (default: 0.5)", valueName: "g"))
  var simpoGamma: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The weight of good answers with kto. (default: 1)", valueName: "w"))
  var desirableWeight: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The weight of bad answers with kto. (default: 1)", valueName: "w"))
  var undesirableWeight: Double?

  /// What these flags say.
  var settings: ObjectiveSettings {
    var settings = ObjectiveSettings()
    (settings.objective, settings.beta, settings.lossType) = (choice.objective, beta, lossType)
    settings.simpoGamma = simpoGamma
    (settings.desirableWeight, settings.undesirableWeight) = (desirableWeight, undesirableWeight)
    return settings
  }
}

/// The flag that chooses an objective.
struct ObjectiveOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The loss for preferences: dpo, orpo or simpo for rows with a prompt, a chosen and a rejected answer; kto for rows with a prompt, a completion and a label, true or false. (default: none; rows are continued)",
      valueName: "name"), completion: .objective)
  var objective: String?
}
