import Dispatch
import Synchronization

/// The pipe between the thread that receives a response and the task that reads it.
///
/// The thread waits in `receive` while the pipe is full. The task waits for the next change of state. Cancelling the
/// task wakes the thread, wherever it waits.
final class ResponsePipe: Sendable {
  /// The size of the pipe in bytes.
  private static let capacity = 1 << 20

  private struct State {
    var head: HTTPResponse.Head?
    var bytes: [UInt8] = []
    var end: Result<Void, any Error>?
    /// Whether the thread waits for space.
    var isFull = false
    /// The session to wake when the thread waits for the network.
    var session: CurlSession?
    /// The task's pending read; returns true once it is satisfied.
    var reader: (@Sendable (inout State) -> Bool)?
  }

  private let state = Mutex(State())
  private let room = DispatchSemaphore(value: 0)

  // MARK: The task's side

  /// Waits for the header of the response.
  func head() async throws -> HTTPResponse.Head {
    try await first { state in
      if let head = state.head { return .success(head) }
      guard case .failure(let error) = state.end else { return nil }
      return .failure(error)
    }
  }

  /// Waits for bytes and returns all that have arrived; nil at the end.
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

  /// Returns the first result that `look` produces, now or after a change of state.
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

  /// Sets the session that `cancel` wakes.
  func begin(_ session: CurlSession) { change { $0.session = session } }

  /// Whether the transfer has ended or was cancelled.
  var isEnded: Bool { state.withLock { $0.end != nil } }

  /// Whether the header has arrived.
  var hasHead: Bool { state.withLock { $0.head != nil } }

  /// Stores the header of the response.
  func receive(_ head: HTTPResponse.Head) { change { $0.head = head } }

  /// Stores bytes, and waits while the pipe is full.
  ///
  /// - Returns: Whether to continue the transfer.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    change { $0.bytes.append(contentsOf: bytes) }
    let mustWait = state.withLock { state in
      state.isFull = state.end == nil && state.bytes.count >= Self.capacity
      return state.isFull
    }
    if mustWait { room.wait() }
    return !isEnded
  }

  /// Ends the response; nothing wakes the thread afterwards.
  func finish(_ end: Result<Void, any Error>) {
    change { state in
      state.session = nil
      if state.end == nil { state.end = end }
    }
  }

  /// Changes the state, and resumes the task if this satisfies its read.
  private func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      body(&state)
      guard let reader = state.reader, reader(&state) else { return }
      state.reader = nil
    }
  }
}
