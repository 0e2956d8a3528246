import Synchronization

/// Gives up on a client that does not take what it is sent.
final class Patience: Sendable {
  private let limit: Duration
  private let giveUp: @Sendable () -> Void
  private let began = Mutex<ContinuousClock.Instant?>(nil)

  init(_ limit: Duration, giveUp: @escaping @Sendable () -> Void) {
    (self.limit, self.giveUp) = (limit, giveUp)
  }

  /// Something is being sent.
  func begin() { began.withLock { $0 = .now } }

  /// It has been taken.
  func end() { began.withLock { $0 = nil } }

  /// Looks at the clock until the task is cancelled.
  func watch() async throws {
    while true {
      try await Task.sleep(for: limit / 4)
      let isTried = began.withLock { $0.map { .now - $0 >= limit } ?? false }
      if isTried { return giveUp() }
    }
  }
}
