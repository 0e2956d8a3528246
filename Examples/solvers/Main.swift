import ArgumentParser
import LowRank
import LowRankConsole

/// Runs the comparison of optimizers.
@main
enum Main {
  static func main() {
    LibrarySettings.settle()
    Solvers.runProgram()
  }
}
