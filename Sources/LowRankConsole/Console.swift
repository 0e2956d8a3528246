import Foundation
import LowRankCheckpoints
import Synchronization

/// Standard error for people, standard output for results.
package enum Console {
  /// Writes a line for people; of several processes the first one speaks for all.
  ///
  /// A line that begins with `warning:` is shown with `--quiet` too.
  package static func write(_ line: String) {
    guard Voice.isFirst, !Voice.isQuiet || Severity(of: line) == .warning else { return }
    put(line)
  }

  /// Writes a line that people need with `--quiet` too, such as how an interrupted run continues.
  package static func insist(_ line: String) {
    guard Voice.isFirst else { return }
    put(line)
  }

  private static func put(_ line: String) {
    let text = Severity.coloured(line, for: STDERR_FILENO)
    // On a terminal, a result that is still being written would run into the line.
    let ends = isLineOpen.exchange(false, ordering: .relaxed) && isatty(STDERR_FILENO) == 1
    StatusLine.shared.hidden { StandardStreams.raw((ends ? "\n" : "") + text + "\n") }
  }

  /// Says that whoever types at the terminal ended the line that a result began, such as a prompt.
  package static func lineWasEnded() { isLineOpen.store(false, ordering: .relaxed) }

  /// Whether standard output is a terminal whose last line has not ended.
  private static let isLineOpen = Atomic(false)

  /// Opens closed standard streams, so that no output file gets their descriptors and the messages written to them.
  ///
  /// Writing to them fails as before.
  package static func holdStandardStreams() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Says what went wrong.
  ///
  /// - Parameter isOwn: whether of several processes each has its own to say.
  package static func error(_ sentence: String, isOwn: Bool = false) {
    let lines = sentence.split(separator: "\n", omittingEmptySubsequences: false)
    put(
      "error: " + Voice.prefix(waits: !isOwn)
        + lines.map { String($0).printable }.joined(separator: "\n"))
  }

  /// Says what went wrong in words that are laid out already.
  package static func failure(_ text: String) { put(Voice.prefix(waits: true) + text) }

  /// Writes a result.
  ///
  /// - Throws: `FileError` if standard output cannot be written, `ClosedOutput` if its reader is gone.
  package static func result(_ text: String, terminator: String = "\n") throws {
    guard Voice.isFirst else { return }
    let line = text + terminator
    if !line.isEmpty, isatty(STDOUT_FILENO) == 1 {
      isLineOpen.store(!line.hasSuffix("\n"), ordering: .relaxed)
    }
    switch StatusLine.shared.hidden({ StandardStreams.put(line, to: STDOUT_FILENO) }) {
    case 0: return
    case EPIPE: throw ClosedOutput()
    default: throw FileError("write to", "standard output", reason: "it is closed or full")
    }
  }
}
