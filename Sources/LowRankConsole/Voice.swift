import Synchronization

/// Whether this process writes to standard error and standard output, and how much.
package enum Voice {
  private struct Speaker {
    var isFirst = true
    var prefix: @Sendable (_ waits: Bool) -> String = { _ in "" }
  }

  private static let quiet = Atomic<Bool>(false)
  private static let speaker = Mutex(Speaker())

  /// Whether `--quiet` was given: progress and notes are not shown, warnings and errors are.
  package static var isQuiet: Bool { quiet.load(ordering: .relaxed) }

  /// Shows no progress and no notes from now on.
  package static func beQuiet() { quiet.store(true, ordering: .relaxed) }

  /// Whether this process speaks: of several processes of a run, the first one does for all.
  package static var isFirst: Bool { speaker.withLock { $0.isFirst } }

  /// Says which of several processes this is.
  ///
  /// - Parameter prefix: what precedes its errors; asked whether to let the first process speak before.
  package static func speak(
    asFirst isFirst: Bool, prefix: @escaping @Sendable (_ waits: Bool) -> String
  ) {
    speaker.withLock { $0 = Speaker(isFirst: isFirst, prefix: prefix) }
  }

  /// What precedes an error of this process.
  static func prefix(waits: Bool) -> String { speaker.withLock { $0.prefix }(waits) }
}
