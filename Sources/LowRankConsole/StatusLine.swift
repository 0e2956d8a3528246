import Foundation
import LowRankProgress
import Synchronization

/// The last line of standard error, which says how far long work is.
///
/// On a terminal the line appears once work has taken a second, is rewritten in place ten times a second, and vanishes
/// with the end of the work and before anything else is written. Elsewhere a plain line is written after 10 s, 20 s, 40 s
/// and so on. Work that follows within half a second continues the time of the work before. `LOWRANK_PROGRESS_DELAY`
/// replaces the second, and the 10 s, by other seconds.
package final class StatusLine: WorkFollower {
  package static let shared = StatusLine()

  private struct State {
    var works: [Work] = []
    /// The time after which the next plain line is written, in seconds.
    var nextPlain = 0.0
    /// Whether the cursor stands behind text that is to be rewritten.
    var isOpen = false
    /// Whether that text is about the work, and not ``show(_:)``'s.
    var isWork = false
    var isTicking = false
    var isClosed = false
    /// When the first work began of those that follow each other, and when the last one ended.
    var (start, end): (ContinuousClock.Instant?, ContinuousClock.Instant?)
  }

  private let state = Mutex(State())
  private let delay = Double(Terminal.variable("LOWRANK_PROGRESS_DELAY"))

  /// Whether a live line can be shown.
  package static let isLive = Terminal.isCapable(STDERR_FILENO)

  package func began(_ work: Work) {
    guard Voice.isFirst, !Voice.isQuiet else { return }
    state.withLock { state in
      state.works.append(work)
      if state.works.count == 1, state.end.map({ .now - $0 > .seconds(0.5) }) ?? true {
        state.nextPlain = delay ?? 10
        state.start = .now
      }
      if delay == 0 { draw(&state) }
      guard !state.isTicking else { return }
      state.isTicking = true
      Thread.detachNewThread { self.tick() }
    }
  }

  package func ended(_ work: Work) {
    state.withLock { state in
      guard let index = state.works.lastIndex(where: { $0 === work }) else { return }
      if delay == 0 { draw(&state) }
      state.works.removeSubrange(index...)
      if state.works.isEmpty { state.end = .now }
      if state.works.isEmpty, state.isOpen, state.isWork { erase(&state) }
    }
  }

  /// Does something to standard output or error with the line out of the way.
  package func hidden<Result>(_ body: () -> Result) -> Result {
    state.withLock { state in
      if state.isOpen { erase(&state) }
      return body()
    }
  }

  /// Rewrites the line with other words, such as a training step's.
  package func show(_ line: FittedLine) {
    state.withLock { state in
      guard !state.isClosed, let columns = Terminal.columns(of: STDERR_FILENO) else { return }
      put(line, columns, &state)
      state.isWork = false
    }
  }

  /// Leaves the line as it stands, and continues below it.
  package func keep() {
    state.withLock { state in
      guard state.isOpen else { return }
      StandardStreams.raw("\n")
      state.isOpen = false
    }
  }

  /// Erases the line, and shows none again; for the end of the program.
  ///
  /// It does not wait for a thread that is writing, which a signal may have stopped.
  package func close() {
    _ = state.withLockIfAvailable { state in
      if state.isOpen { erase(&state) }
      state.isClosed = true
    }
  }

  private func tick() {
    while true {
      Thread.sleep(forTimeInterval: 0.1)
      let goesOn = state.withLock { state -> Bool in
        guard !state.works.isEmpty, !state.isClosed else {
          state.isTicking = false
          return false
        }
        drawIfDue(&state)
        return true
      }
      guard goesOn else { return }
    }
  }

  private func drawIfDue(_ state: inout State) {
    guard let start = state.start else { return }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    if Self.isLive {
      if seconds >= delay ?? 1 { draw(&state) }
    } else if seconds >= state.nextPlain {
      draw(&state)
      state.nextPlain = max(10, 2 * state.nextPlain)
    }
  }

  private func draw(_ state: inout State) {
    guard !state.isClosed else { return }
    let line = WorkLine(state.works).line()
    guard Self.isLive, let columns = Terminal.columns(of: STDERR_FILENO) else {
      return StandardStreams.raw(line.text + "\n")
    }
    put(line, columns, &state)
    state.isWork = true
  }

  /// The last column stays free: some terminals wrap the line as soon as it is filled.
  private func put(_ line: FittedLine, _ columns: Int, _ state: inout State) {
    StandardStreams.raw("\r" + line.text(within: columns - 1) + "\u{1b}[K")
    state.isOpen = true
  }

  private func erase(_ state: inout State) {
    StandardStreams.raw("\r\u{1b}[K")
    state.isOpen = false
  }
}
