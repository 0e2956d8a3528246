import Foundation
import LowRankKeys
import Synchronization

/// A thread that does one piece of work after the other.
///
/// Work on tensors stays on one thread, since OpenMP keeps a team of threads for each thread that calls it.
final class SerialWorker: Sendable {
  private struct State {
    var work: [@Sendable () -> Void] = []
    var isStopped = false
  }

  private let state = Mutex(State())
  private let condition = NSCondition()

  init(name: String) {
    let thread = Thread { [self] in run() }
    thread.name = name
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Does the work behind all earlier work, and waits for it; its errors spell settings as the caller's do.
  func result<Value: Sendable>(
    of work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    let spelling = Setting.spelling
    return try await withCheckedThrowingContinuation { continuation in
      let isAccepted = state.withLock { state in
        guard !state.isStopped else { return false }
        state.work.append {
          let result = Result { try Setting.$spelling.withValue(spelling) { try work() } }
          continuation.resume(with: result)
        }
        return true
      }
      guard isAccepted else { return continuation.resume(throwing: CancellationError()) }
      condition.lock()
      condition.signal()
      condition.unlock()
    }
  }

  /// Ends the thread behind the work in progress; what waits is done before.
  func stop() {
    state.withLock { $0.isStopped = true }
    condition.lock()
    condition.signal()
    condition.unlock()
  }

  private func run() {
    while true {
      condition.lock()
      while state.withLock({ $0.work.isEmpty && !$0.isStopped }) { condition.wait() }
      condition.unlock()
      let work = state.withLock { state -> [@Sendable () -> Void] in
        defer { state.work = [] }
        return state.work
      }
      if work.isEmpty { return }
      for piece in work { piece() }
    }
  }
}
