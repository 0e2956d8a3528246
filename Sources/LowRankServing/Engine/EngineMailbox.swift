import Foundation
import Synchronization

/// What clients tell the engine's thread, and what it tells them.
final class EngineMailbox: Sendable {
  private struct State {
    var arrivals: [RunningSequence] = []
    var retired: [AdapterVersion] = []
    var waitingByTenant: [String: Int] = [:]
    var waiting = 0
    var isStopping = false
    var isAborting = false
    var isDone = false
    var metrics = EngineMetrics()
  }

  /// What the thread finds in the mailbox.
  struct Mail {
    var arrivals: [RunningSequence]
    var retired: [AdapterVersion]
    var isStopping: Bool
    var isAborting: Bool
  }

  private let state = Mutex(State())
  private let condition = NSCondition()

  /// Puts requests of one tenant in, unless too many wait then or the engine stops.
  ///
  /// - Throws: ``ServingError``.
  func put(_ sequences: Handover<[RunningSequence]>, _ limits: EngineLimits) throws(ServingError) {
    let count = sequences.value.count
    guard let tenant = sequences.value.first?.request.tenant else { return }
    let most = min(limits.waiting, limits.waitingOfTenant)
    // However long somebody waited, they would never be accepted.
    guard count <= most else { throw .tooManyAnswers(count, limit: most) }
    let refusal = state.withLock { state -> ServingError? in
      guard !state.isStopping, !state.isDone else { return .stopping }
      guard state.waiting + count <= limits.waiting else { return .queueFull }
      let own = state.waitingByTenant[tenant, default: 0]
      guard own + count <= limits.waitingOfTenant else { return .tooManyRequests }
      state.waiting += count
      state.waitingByTenant[tenant] = own + count
      state.arrivals += sequences.value
      return nil
    }
    if let refusal { throw refusal }
    wake()
  }

  /// Puts in a version that nobody uses any more.
  func put(retired version: AdapterVersion) {
    state.withLock { $0.retired.append(version) }
    wake()
  }

  /// Tells the thread to end: behind the requests in progress, or without them.
  func stop(aborting: Bool) {
    state.withLock { state in
      state.isStopping = true
      state.isAborting = state.isAborting || aborting
    }
    wake()
  }

  /// Wakes the thread.
  func wake() {
    condition.lock()
    condition.signal()
    condition.unlock()
  }

  /// Takes the mail; waits for some where there is nothing else to do.
  func collect(waiting: Bool) -> Mail {
    if waiting {
      condition.lock()
      while state.withLock({ $0.arrivals.isEmpty && $0.retired.isEmpty && !$0.isStopping }) {
        condition.wait()
      }
      condition.unlock()
    }
    let mail = state.withLock { state in
      defer { (state.arrivals, state.retired) = ([], []) }
      return Handover(
        Mail(
          arrivals: state.arrivals, retired: state.retired, isStopping: state.isStopping,
          isAborting: state.isAborting))
    }
    return mail.value
  }

  /// Counts a request that waits no more.
  func left(_ tenant: String) {
    state.withLock { state in
      state.waiting -= 1
      let rest = state.waitingByTenant[tenant, default: 1] - 1
      state.waitingByTenant[tenant] = rest == 0 ? nil : rest
    }
  }

  /// Notes that the thread has ended.
  func finish() { state.withLock { $0.isDone = true } }

  /// What the engine did and has.
  var metrics: EngineMetrics {
    get { state.withLock { $0.metrics } }
    set { state.withLock { $0.metrics = newValue } }
  }
}
