import ArgumentParser

/// `lowrank data`: what concerns the files that models are trained on.
struct DataVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Check the files that a model is trained on.",
    subcommands: [DataCheckVerb.self])
}
