import ArgumentParser
import Foundation
import LowRank

/// Runs an experiment and turns what it throws into one sentence and an exit code.
@main
enum Main {
  static func main() {
    shortenWaiting()
    do {
      var command = try PaperExperiments.parseAsRoot()
      try command.run()
    } catch {
      exit(report(error))
    }
  }

  /// Starts the program again under a small count of turns for which idle threads of libgomp keep a core busy, unless
  /// somebody chose.
  private static func shortenWaiting() {
    let variables = ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"]
    guard variables.allSatisfy({ getenv($0) == nil }) else { return }
    setenv("GOMP_SPINCOUNT", "500", 0)
    execv("/proc/self/exe", CommandLine.unsafeArgv)
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
