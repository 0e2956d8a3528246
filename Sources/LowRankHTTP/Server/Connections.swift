import Synchronization

/// The connections of a server, and the tasks that serve them.
final class Connections: Sendable {
  private struct Entry {
    let connection: Connection
    var task: Task<Void, Never>?
    /// Whether it was asked to close to make room.
    var isLeaving = false
  }

  private struct State {
    var entries: [ObjectIdentifier: Entry] = [:]
    /// The connections that were not asked to close.
    var count = 0
    var isEnding = false
    var ended: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// The number of connections, without those that were asked to close.
  var count: Int { state.withLock { $0.count } }

  /// Serves a connection in a task of its own.
  func serve(_ connection: Connection, _ handler: @escaping HTTPServer.Handler) {
    let key = ObjectIdentifier(connection)
    state.withLock { state in
      state.entries[key] = Entry(connection: connection)
      state.count += 1
    }
    let task = Task(priority: .high) {
      await connection.serve(handler)
      remove(key)
    }
    let isEnding = state.withLock { state in
      // It may have ended already.
      state.entries[key]?.task = task
      return state.isEnding
    }
    if isEnding { task.cancel() }
  }

  private func remove(_ key: ObjectIdentifier) {
    let ended = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if let entry = state.entries.removeValue(forKey: key), !entry.isLeaving { state.count -= 1 }
      guard state.isEnding, state.entries.isEmpty else { return nil }
      defer { state.ended = nil }
      return state.ended
    }
    ended?.resume()
  }

  /// Closes the connection that has been idle longest.
  ///
  /// - Returns: Whether there was one.
  func makeRoom() -> Bool {
    let task = state.withLock { state -> Task<Void, Never>? in
      let waiting = state.entries.lazy.filter { !$0.value.isLeaving && $0.value.task != nil }
        .compactMap { key, entry in entry.connection.idleSince.map { (key, $0) } }
      guard let (key, _) = waiting.min(by: { $0.1 < $1.1 }) else { return nil }
      state.entries[key]?.isLeaving = true
      state.count -= 1
      return state.entries[key]?.task
    }
    task?.cancel()
    return task != nil
  }

  /// Closes idle connections, lets the others finish their responses, and closes what remains after a time.
  func end(within time: Duration) async {
    let entries = state.withLock { state in
      state.isEnding = true
      return Array(state.entries.values)
    }
    for entry in entries {
      entry.connection.finish()
      if entry.connection.isInterruptible { entry.task?.cancel() }
    }
    let deadline = Task { [self] in
      try await Task.sleep(for: time)
      for entry in state.withLock({ Array($0.entries.values) }) {
        entry.task?.cancel()
        entry.connection.close()
      }
    }
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if !state.entries.isEmpty { state.ended = continuation }
        return state.entries.isEmpty
      }
      if isOver { continuation.resume() }
    }
    deadline.cancel()
  }
}
