import ArgumentParser

/// `lowrank data`: what concerns the files that models are trained on.
struct DataVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Look at the files that a model is to be trained on.",
    subcommands: [DataCheckVerb.self])
}
