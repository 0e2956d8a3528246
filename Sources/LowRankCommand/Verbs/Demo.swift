import ArgumentParser
import Foundation
import LowRank
import LowRankSessions

/// `lowrank demo`: the main job from end to end on a model made on the spot.
struct Demo: ParsableCommand, DecomposingVerb {
  static let configuration = CommandConfiguration(
    abstract:
      "Pre-train a small model, adapt it, prune, explain and merge the adapter; nothing is downloaded.",
    discussion:
      "Leaves an ordinary model folder, data folder and adapter folder that every other verb accepts."
  )

  @Option(help: ArgumentHelp("Where everything is written.", valueName: "dir"), completion: .folder)
  var output: String = "lowrank-demo"

  @OptionGroup var threadOptions: ThreadOptions

  @OptionGroup var console: ConsoleOptions

  func run() throws {
    try Demonstration(at: URL(filePath: output), engine: threadOptions.engine()).run()
  }
}
