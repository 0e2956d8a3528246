import Foundation
import LowRankCheckpoints
import Synchronization

/// Standard error for people, standard output for results.
enum Console {
  private static let quiet = Atomic<Bool>(false)

  /// Whether `--quiet` was given: progress and notes are not shown, warnings and errors are.
  static var isQuiet: Bool { quiet.load(ordering: .relaxed) }

  static func beQuiet() { quiet.store(true, ordering: .relaxed) }

  /// Writes a line for people; of several processes the first one speaks for all.
  ///
  /// A line that begins with `warning:` is shown with `--quiet` too.
  static func write(_ line: String) {
    guard Processes.isFirst, !isQuiet || Severity(of: line) == .warning else { return }
    put(line)
  }

  /// Writes a line that people need with `--quiet` too, such as how an interrupted run continues.
  static func insist(_ line: String) {
    guard Processes.isFirst else { return }
    put(line)
  }

  private static func put(_ line: String) {
    let text = Severity.coloured(line, for: STDERR_FILENO)
    StatusLine.shared.hidden { raw(text + "\n") }
  }

  /// Writes text to standard error as it is; ``StatusLine`` orders the callers.
  static func raw(_ text: String) {
    // Nobody is left to be told when standard error itself is closed.
    _ = put(text, to: STDERR_FILENO)
  }

  /// Writes all of a text; returns 0 or `errno`.
  private static func put(_ text: String, to descriptor: Int32) -> Int32 {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno == EAGAIN {
        // Another process may have made the pipe non-blocking.
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&ready, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }

  /// Opens closed standard streams, so that no output file gets their descriptors and the messages written to them.
  ///
  /// Writing to them fails as before.
  static func holdStandardStreams() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
    where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
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

  /// Writes a result.
  ///
  /// - Throws: `FileError` if standard output cannot be written, `ClosedOutput` if its reader is gone.
  static func result(_ text: String, terminator: String = "\n") throws {
    guard Processes.isFirst else { return }
    switch StatusLine.shared.hidden({ put(text + terminator, to: STDOUT_FILENO) }) {
    case 0: return
    case EPIPE: throw ClosedOutput()
    default: throw FileError("write to", "standard output", reason: "it is closed or full")
    }
  }

  /// Writes a result as one JSON object, with the precision where a model was opened.
  static func result(_ object: JSONObject) throws {
    var object = object
    for (key, value) in PrecisionChoice.json.entries where object[key] == nil {
      object[key] = value
    }
    try result(JSONValue.object(object).text())
  }
}
