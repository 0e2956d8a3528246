import Foundation
import LowRank

/// Standard error for people, standard output for results.
enum Console {
  /// Whether people watch standard error on a terminal.
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// Writes a line for people.
  static func write(_ line: String) { put(line + "\n") }

  /// Rewrites the last line, on a terminal.
  static func rewrite(_ line: String) {
    if isTerminal { put("\r\u{1b}[K\(line)") }
  }

  /// Writes a result.
  ///
  /// - Throws: `FileError` where standard output takes no more.
  static func result(_ text: String) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    } catch {
      throw FileError("write to", "standard output", reason: "it is closed or full")
    }
  }

  private static func put(_ text: String) {
    // Nobody is left to be told when standard error itself is closed.
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
