import ArgumentParser
import Foundation
import LowRankKeys

extension ParsableCommand {
  /// Runs the verb that the arguments of the program name, and ends the program: what is thrown becomes one sentence and an
  /// exit code.
  package static func runProgram() -> Never {
    Setting.$spelling.withValue(.flags) { () -> Never in
      do {
        var command = try parseAsRoot()
        try command.run()
      } catch {
        Foundation.exit(report(error))
      }
      Foundation.exit(0)
    }
  }

  /// Says what went wrong and returns the exit code.
  private static func report(_ error: any Error) -> Int32 {
    if let usage = error as? UsageError {
      Console.error(usage.description)
      return 2
    }
    let code = exitCode(for: error)
    if code == .success {
      print(fullMessage(for: error))
      return 0
    }
    guard code != .validationFailure else {
      Console.write(fullMessage(for: error))
      return 2
    }
    Console.error(message(for: error))
    return 1
  }
}
