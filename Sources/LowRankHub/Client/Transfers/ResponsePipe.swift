import Dispatch
import Synchronization

/// What passes between the thread that moves an answer and the task that reads it.
///
/// The thread waits in `receive` while the task has enough to read. The task waits for the next change, and a task that
/// is cancelled wakes the thread, wherever that waits.
final class ResponsePipe: Sendable {
  /// The bytes that may lie in between.
  private static let capacity = 1 << 20

  private struct State {
    var head: HTTPResponse.Head?
    var bytes: [UInt8] = []
    var end: Result<Void, any Error>?
    /// Whether the thread waits for room.
    var isFull = false
    /// What wakes the thread from its wait for the network.
    var session: CurlSession?
    /// What the task waits for; true once it need not wait any longer.
    var reader: (@Sendable (inout State) -> Bool)?
  }

  private let state = Mutex(State())
  private let room = DispatchSemaphore(value: 0)

  // MARK: The task's side

  /// The beginning of the answer.
  func head() async throws -> HTTPResponse.Head {
    try await first { state in
      if let head = state.head { return .success(head) }
      guard case .failure(let error) = state.end else { return nil }
      return .failure(error)
    }
  }

  /// The bytes that came since the last call, once there are any; nil after the last.
  func next() async throws -> [UInt8]? {
    try await first { [room] state in
      guard state.bytes.isEmpty else {
        defer { state.bytes = [] }
        if state.isFull { room.signal() }
        state.isFull = false
        return .success(state.bytes)
      }
      return state.end.map { end in end.map { nil } }
    }
  }

  /// Ends the transfer, if it has not ended.
  func cancel() {
    change { [room] state in
      if state.end == nil { state.end = .failure(CancellationError()) }
      if state.isFull { room.signal() }
      state.isFull = false
      state.session?.wake()
    }
  }

  /// The first result that a look at the state gives, now or after a change.
  private func first<Value: Sendable>(
    _ look: @escaping @Sendable (inout State) -> Result<Value, any Error>?
  ) async throws -> Value {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        change { state in
          state.reader = { state in
            guard let result = look(&state) else { return false }
            continuation.resume(with: result)
            return true
          }
        }
      }
    } onCancel: {
      cancel()
    }
  }

  // MARK: The thread's side

  /// Says what `cancel` is to wake.
  func begin(_ session: CurlSession) { change { $0.session = session } }

  /// Whether nothing more is wanted.
  var isEnded: Bool { state.withLock { $0.end != nil } }

  /// Whether the answer has begun.
  var hasHead: Bool { state.withLock { $0.head != nil } }

  /// Takes the beginning of the answer.
  func receive(_ head: HTTPResponse.Head) { change { $0.head = head } }

  /// Takes bytes, and waits until there is room for more.
  ///
  /// - Returns: Whether more is wanted.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    change { $0.bytes.append(contentsOf: bytes) }
    let mustWait = state.withLock { state in
      state.isFull = state.end == nil && state.bytes.count >= Self.capacity
      return state.isFull
    }
    if mustWait { room.wait() }
    return !isEnded
  }

  /// Ends the answer; nothing wakes the thread afterwards.
  func finish(_ end: Result<Void, any Error>) {
    change { state in
      state.session = nil
      if state.end == nil { state.end = end }
    }
  }

  /// Changes the state, and lets the task go on that waited for such a change.
  private func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      body(&state)
      guard let reader = state.reader, reader(&state) else { return }
      state.reader = nil
    }
  }
}
