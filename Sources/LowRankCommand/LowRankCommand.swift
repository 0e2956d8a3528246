import ArgumentParser

@main
struct LowRankCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "lowrank")
}
