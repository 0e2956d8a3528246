import ArgumentParser
import Foundation
import LowRank

/// Runs an experiment and turns what it throws into one sentence and an exit code.
@main
enum Main {
  static func main() {
    LibrarySettings.settle()
    do {
      var command = try PaperExperiments.parseAsRoot()
      try command.run()
    } catch {
      exit(report(error))
    }
  }

  /// Says what went wrong and returns the exit code.
  private static func report(_ error: any Error) -> Int32 {
    if let usage = error as? UsageError {
      Console.write("error: \(usage.description)")
      return 2
    }
    let code = PaperExperiments.exitCode(for: error)
    if code == .success {
      print(PaperExperiments.fullMessage(for: error))
      return 0
    }
    guard code != .validationFailure else {
      Console.write(PaperExperiments.fullMessage(for: error))
      return 2
    }
    Console.write("error: \(PaperExperiments.message(for: error))")
    return 1
  }
}

/// A wish that contradicts itself or lacks something.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
