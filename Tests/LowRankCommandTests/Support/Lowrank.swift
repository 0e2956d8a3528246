import Foundation
import LowRank
import Testing

/// Runs the built program as a user would.
struct Lowrank {
  let status: Int32
  let output: String
  let errors: String

  /// The program beside the tests.
  static let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    .appending(path: "lowrank")

  /// Runs `lowrank` to its end.
  init(_ arguments: String...) throws { try self.init(arguments) }

  init(
    _ arguments: [String], in folder: URL? = nil, shell prefix: String? = nil,
    environment: [String: String] = [:], launcher: [String] = []
  ) throws {
    let running = try Running(
      arguments, in: folder, shell: prefix, environment: environment, launcher: launcher)
    self = try running.finish()
  }

  /// The JSON object on standard output.
  func json() throws -> JSONObject {
    try #require(try JSONValue(parsing: output, from: "standard output").object)
  }

  /// The arguments with the last value of each flag: a test changes flags of a workshop's by giving them again, which the
  /// program refuses.
  ///
  /// Flags that may be repeated are left alone, and `--adapter`, with which the refusal is tested.
  private static func overriding(_ arguments: [String]) -> [String] {
    let repeated: Set = ["--adapter", "--allow", "--ids", "--prompt", "--text", "--text-column"]
    var result: [String] = []
    var index = 0
    while index < arguments.count {
      let flag = arguments[index]
      let comesAgain = arguments[(index + 1)...].contains(flag)
      let hasValue = index + 1 < arguments.count && !arguments[index + 1].hasPrefix("--")
      guard flag.hasPrefix("--"), comesAgain, hasValue, !repeated.contains(flag) else {
        result.append(flag)
        index += 1
        continue
      }
      index += 2
    }
    return result
  }

  /// A program that is still running.
  final class Running {
    let process = Process()
    private let folder: URL

    /// Starts the program; `prefix` is what a shell does first, such as `ulimit -f 4`, and `launcher` the words before the
    /// program's, of which the first is looked for in the path.
    init(
      _ arguments: [String], in current: URL? = nil, shell prefix: String? = nil,
      environment: [String: String] = [:], launcher: [String] = []
    ) throws {
      let arguments = Lowrank.overriding(arguments)
      folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-output-\(UUID())")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      if let prefix {
        process.executableURL = URL(filePath: "/bin/sh")
        // Some launchers have signals ignored, which children inherit; a terminal does not.
        let command = "\(prefix); exec env --default-signal \"$0\" \"$@\""
        process.arguments = ["-c", command, Lowrank.program.path] + arguments
      } else if !launcher.isEmpty {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = launcher + [Lowrank.program.path] + arguments
      } else {
        process.executableURL = Lowrank.program
        process.arguments = arguments
      }
      if let current { process.currentDirectoryURL = current }
      // Runs of tests are nobody's runs, and what is no folder is not looked for in the world.
      process.environment = ProcessInfo.processInfo.environment.merging([
        "LOWRANK_RUNS": folder.appending(path: "runs.sqlite").path, "HF_HUB_OFFLINE": "1",
        "HF_HOME": folder.appending(path: "hub").path,
      ]) { _, new in new }.merging(environment) { _, new in new }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try Self.handle(folder.appending(path: "out"))
      process.standardError = try Self.handle(folder.appending(path: "err"))
      try process.run()
    }

    private static func handle(_ url: URL) throws -> FileHandle {
      _ = FileManager.default.createFile(atPath: url.path, contents: nil)
      return try FileHandle(forWritingTo: url)
    }

    /// What was said on standard error so far.
    func errors() throws -> String {
      try String(contentsOf: folder.appending(path: "err"), encoding: .utf8)
    }

    func finish() throws -> Lowrank {
      process.waitUntilExit()
      defer { try? FileManager.default.removeItem(at: folder) }
      return Lowrank(
        status: process.terminationStatus,
        output: try String(contentsOf: folder.appending(path: "out"), encoding: .utf8),
        errors: try errors())
    }
  }

  private init(status: Int32, output: String, errors: String) {
    self.status = status
    self.output = output
    self.errors = errors
  }
}
