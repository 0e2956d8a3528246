import CEpoll
import Foundation
import Synchronization

/// A socket that never blocks: who finds it not ready waits for the event loop.
final class Socket: Sendable {
  enum Direction { case reading, writing }

  enum Failure: Error {
    /// The other side has gone, or this side has closed the socket.
    case closed
    case timedOut
  }

  /// Who waits for one direction; a change that nobody waits for is remembered.
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

  /// Takes a descriptor over, which is to be closed with ``close()`` even if this throws.
  init(_ descriptor: Int32, on loop: EventLoop) throws {
    (self.descriptor, self.loop) = (descriptor, loop)
    try loop.add(self)
  }

  /// Does one system call that does not block.
  ///
  /// - Returns: What it returned, or nil where the socket is not ready.
  /// - Throws: ``Failure/closed``, and ``SystemError`` of all other errors.
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

  /// Waits until a direction may be tried again.
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

  /// Tells whoever waits that a direction may be tried again.
  func wake(_ direction: Direction) {
    let waiter = state.withLock { state in
      let waiter = state[direction].take()
      state[direction].isReady = waiter == nil
      return waiter
    }
    waiter?.resume()
  }

  /// Ends the waits whose deadline is over.
  func expire(_ now: ContinuousClock.Instant) {
    for direction in [Direction.reading, .writing] {
      let waiter = state.withLock { state in
        state[direction].deadline.map { $0 <= now } == true ? state[direction].take() : nil
      }
      waiter?.resume(throwing: Failure.timedOut)
    }
  }

  /// Ends the connection and whatever waits for it.
  ///
  /// Closing again does nothing.
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
