import CEpoll
import Foundation
import Synchronization

/// A non-blocking socket; tasks wait in the event loop until it is ready.
final class Socket: Sendable {
  enum Direction { case reading, writing }

  enum Failure: Error {
    /// The client has left, or this side has closed the socket.
    case closed
    case timedOut
  }

  /// The task that waits for one direction; a change that no task waits for is remembered.
  private struct Side {
    var isReady = false
    var waiter: CheckedContinuation<Void, any Error>?
    var deadline: ContinuousClock.Instant?

    mutating func take() -> CheckedContinuation<Void, any Error>? {
      defer { (waiter, deadline) = (nil, nil) }
      return waiter
    }
  }

  private struct State {
    var isOpen = true
    var reading = Side()
    var writing = Side()

    subscript(direction: Direction) -> Side {
      get { direction == .reading ? reading : writing }
      set { if direction == .reading { reading = newValue } else { writing = newValue } }
    }
  }

  let descriptor: Int32
  private let loop: EventLoop
  private let state = Mutex(State())

  /// Takes ownership of a descriptor, which must be closed with ``close()`` even if this throws.
  init(_ descriptor: Int32, on loop: EventLoop) throws {
    (self.descriptor, self.loop) = (descriptor, loop)
    try loop.add(self)
  }

  /// Performs one non-blocking system call.
  ///
  /// - Returns: The call's result, or nil if the socket is not ready.
  /// - Throws: ``Failure/closed``, and ``SystemError`` for all other errors.
  func attempt(_ call: (Int32) -> Int) throws -> Int? {
    let (result, number) = state.withLock { state -> (Int, Int32) in
      guard state.isOpen else { return (-1, EBADF) }
      var result = call(descriptor)
      while result < 0, errno == EINTR { result = call(descriptor) }
      return (result, errno)
    }
    if result >= 0 { return result }
    switch number {
    case EAGAIN: return nil
    case EBADF, ECONNRESET, EPIPE, ETIMEDOUT, ENOTCONN: throw Failure.closed
    default: throw SystemError(number: number)
    }
  }

  /// Waits until a direction may be ready.
  ///
  /// - Throws: ``Failure``, and `CancellationError`.
  func wait(for direction: Direction, until deadline: ContinuousClock.Instant? = nil) async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state -> Result<Void, any Error>? in
          guard state.isOpen else { return .failure(Failure.closed) }
          guard !state[direction].isReady else {
            state[direction].isReady = false
            return .success(())
          }
          guard !Task.isCancelled else { return .failure(CancellationError()) }
          state[direction].waiter = continuation
          state[direction].deadline = deadline
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      take(direction)?.resume(throwing: CancellationError())
    }
  }

  /// Resumes the task that waits for a direction.
  func wake(_ direction: Direction) {
    let waiter = state.withLock { state in
      let waiter = state[direction].take()
      state[direction].isReady = waiter == nil
      return waiter
    }
    waiter?.resume()
  }

  /// Ends the waits with a deadline in the past.
  func expire(_ now: ContinuousClock.Instant) {
    for direction in [Direction.reading, .writing] {
      let waiter = state.withLock { state in
        state[direction].deadline.map { $0 <= now } == true ? state[direction].take() : nil
      }
      waiter?.resume(throwing: Failure.timedOut)
    }
  }

  /// Closes the socket and ends all waits.
  ///
  /// Closing it again has no effect.
  func close() {
    let waiters = state.withLock { state -> [CheckedContinuation<Void, any Error>?] in
      guard state.isOpen else { return [] }
      state.isOpen = false
      loop.remove(self)
      Foundation.close(descriptor)
      return [state.reading.take(), state.writing.take()]
    }
    for waiter in waiters { waiter?.resume(throwing: Failure.closed) }
  }

  private func take(_ direction: Direction) -> CheckedContinuation<Void, any Error>? {
    state.withLock { $0[direction].take() }
  }
}
