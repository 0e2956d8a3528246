import ArgumentParser
import LowRank
import LowRankConsole

/// Runs an experiment of the paper.
@main
enum Main {
  static func main() {
    LibrarySettings.settle()
    PaperExperiments.runProgram()
  }
}
