import ArgumentParser
import Foundation
import LowRank
import LowRankCheckpoints
import LowRankConsole
import LowRankKeys
import LowRankProcesses
import LowRankSessions

/// Runs the verb and turns what it throws into one sentence and an exit code.
@main
enum Main {
  static func main() {
    Console.holdStandardStreams()
    Launch.takeCores()
    LibrarySettings.settle()
    Heap.settle()
    // A file that grows past its limit is then an error of the write, like a full disk.
    signal(SIGXFSZ, SIG_IGN)
    // The same holds for a closed pipe, as with `| head -1`: the output ends, not the work.
    signal(SIGPIPE, SIG_IGN)
    Interruption.install()
    Voice.speak(asFirst: Processes.isFirst) { Processes.speaker(waits: $0) }
    Setting.$spelling.withValue(.ofVerb) { run() }
  }

  /// Runs the verb that the arguments name, and ends the program.
  private static func run() -> Never {
    var arguments = Array(CommandLine.arguments.dropFirst())
    do {
      try? ColorChoice.take(from: arguments)
      if Versions.areWanted(arguments) {
        try Console.result(Versions.json)
        Processes.end(0, together: true)
      }
      if let answer = CompletedCommand.answer(to: arguments) {
        try Console.result(answer)
        Processes.end(0, together: true)
      }
      arguments = try Arguments.checked(arguments)
      let file = try RunFile(in: arguments)
      arguments = file?.arguments ?? arguments
      try ColorChoice.take(from: arguments)
      var command = try LowRankCommand.parseAsRoot(arguments)
      try Processes.check(command, among: LowRankCommand.allVerbs)
      try Kernels.check(for: command)
      try WorkFollowers.$current.withValue(StatusLine.shared) {
        try Surroundings.$current.withValue(.ofProgram) {
          try RunFile.$current.withValue(file) { try command.run() }
        }
      }
    } catch {
      Processes.end(
        report(error, in: arguments), together: error is Interrupted,
        isEnding: error as? ProcessesError == .stopped
          || !Processes.isFirst && Processes.isOwn(error))
    }
    Processes.end(0, together: true)
  }

  /// What went wrong, with the command line that helps; an error of the system's own libraries in its short form, with
  /// its file.
  private static func sentence(_ message: String, _ error: any Error) -> String {
    if let help = (error as? AdapterError)?.commandLine { return "\(message): \(help)" }
    guard type(of: error) is NSError.Type || error is CocoaError else { return message }
    let file = ((error as NSError).userInfo[NSFilePathErrorKey] as? String).map { "\($0): " } ?? ""
    return file + systemReason(error)
  }

  /// What a flag says of its value itself, without the parser's words before it.
  private static func reason(_ message: String) -> String {
    message.firstMatch(of: /^The value '.*' is invalid for '[^']*': (?<reason>.+)$/)
      .map { String($0.reason) } ?? message
  }

  /// Says what went wrong and returns the exit code.
  private static func report(_ error: any Error, in arguments: [String]) -> Int32 {
    if error is Interrupted { return 130 }
    // The status that a shell reports for a program ended by SIGPIPE, without a message.
    if error is ClosedOutput { return 128 + SIGPIPE }
    if let code = error as? ExitCode { return code.rawValue }
    if let usage = error as? UsageError {
      Console.error(usage.description)
      return 2
    }
    if let error = error as? any KeyedError {
      Console.error("\(error)", isOwn: false)
      return error is SettingsError ? 2 : 1
    }
    let code = LowRankCommand.exitCode(for: error)
    if code == .success {
      guard Processes.isFirst else { return 0 }
      print(LowRankCommand.fullMessage(for: error))
      return 0
    }
    guard code != .validationFailure else {
      Console.error(
        Misfit.error(in: arguments)?.description ?? reason(LowRankCommand.message(for: error)))
      return 2
    }
    Console.error(
      sentence(LowRankCommand.message(for: error), error), isOwn: Processes.isOwn(error))
    return 1
  }
}
