import Foundation
import LowRankCheckpoints

/// Standard error for people, standard output for results.
enum Console {
  /// Writes a line for people; of several processes the first one speaks for all.
  static func write(_ line: String) {
    guard Processes.isFirst else { return }
    put(line)
  }

  private static func put(_ line: String) {
    // Nobody is left to be told when standard error itself is closed.
    try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Says what went wrong.
  ///
  /// - Parameter isOwn: whether of several processes each has its own to say.
  static func error(_ sentence: String, isOwn: Bool = false) {
    let lines = sentence.split(separator: "\n", omittingEmptySubsequences: false)
    put(
      "error: " + Processes.speaker(waits: !isOwn)
        + lines.map { String($0).printable }.joined(separator: "\n"))
  }

  /// Says what went wrong in words that are laid out already.
  static func failure(_ text: String) { put(Processes.speaker(waits: true) + text) }

  /// Rewrites the last line on a terminal.
  static func rewrite(_ line: String) {
    guard Processes.isFirst else { return }
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1b}[K\(line)".utf8))
  }

  /// Whether people watch standard error on a terminal.
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// Whether results may be coloured: a terminal shows them, and nobody asked for none (no-color.org).
  static let hasColours =
    isatty(STDOUT_FILENO) == 1
    && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

  /// Writes a result.
  ///
  /// - Throws: `FileError` where standard output takes no more.
  static func result(_ text: String, terminator: String = "\n") throws {
    guard Processes.isFirst else { return }
    do {
      try FileHandle.standardOutput.write(contentsOf: Data((text + terminator).utf8))
    } catch {
      throw FileError("write to", "standard output", reason: "it is closed or full")
    }
  }

  /// Writes a result as one JSON object.
  static func result(_ object: JSONObject) throws {
    try result(JSONValue.object(object).text())
  }
}
