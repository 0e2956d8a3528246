import Foundation
import Synchronization

/// A client's connection, which answers requests one after the other.
final class Connection: Sendable {
  /// The state of a connection, which decides what ends it when the server stops or is full.
  enum Phase {
    /// It has been waiting for a request since this time.
    case idle(since: ContinuousClock.Instant)
    case answering
    /// It sends an endless stream.
    case streaming
  }

  let configuration: HTTPServer.Configuration
  let input = Mutex(InputBuffer())
  private let socket: Socket
  private let phase = Mutex(Phase.idle(since: .now))
  private let mayGoOn = Mutex(true)

  init(_ socket: Socket, _ configuration: HTTPServer.Configuration) {
    (self.socket, self.configuration) = (socket, configuration)
    var yes: Int32 = 1
    // Sends a header at once, though its body follows.
    setsockopt(
      socket.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes,
      socklen_t(MemoryLayout<Int32>.size))
  }

  /// The time since when it has been waiting for a request, if it is.
  var idleSince: ContinuousClock.Instant? {
    phase.withLock { if case .idle(let since) = $0 { since } else { nil } }
  }

  /// Whether it may be closed immediately when the server stops.
  var isInterruptible: Bool {
    phase.withLock { if case .answering = $0 { false } else { true } }
  }

  /// Whether the current response is the last.
  func finish() { mayGoOn.withLock { $0 = false } }

  var isFinishing: Bool { mayGoOn.withLock { !$0 } }

  func enter(_ new: Phase) { phase.withLock { $0 = new } }

  func close() { socket.close() }

  /// Waits for more bytes from the client, without limit if no deadline is given.
  ///
  /// - Returns: Whether bytes arrived: false at the end of the client's input.
  func read(until deadline: ContinuousClock.Instant?) async throws -> Bool {
    try await socket.read(into: { bytes in input.withLock { $0.append(bytes) } }, until: deadline)
  }

  func send(_ bytes: [UInt8]) async throws {
    try await socket.send(bytes, each: configuration.times.write)
  }

  /// Returns when the client has left, or when the task is cancelled.
  func untilClientLeaves() async {
    // What it sends meanwhile is its next request, of which a limited amount is kept.
    while input.withLock({ $0.count }) < 1 << 16 {
      guard (try? await read(until: nil)) == true else { return }
    }
    try? await Task.sleep(for: .seconds(86_400 * 365))
  }

  /// Closes the connection in such a way that the last response arrives.
  func endGently() async {
    await socket.linger(for: .seconds(2))
    socket.close()
  }
}
