import Foundation
import Synchronization

/// A client's connection, on which requests are answered one after the other.
final class Connection: Sendable {
  /// What a connection is doing, which decides what ends it when the server ends or is full.
  enum Phase {
    /// It waits for a request since a time.
    case idle(since: ContinuousClock.Instant)
    case answering
    /// It is sent what goes on for as long as the server does.
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
    // A header is sent at once, though its body follows.
    setsockopt(
      socket.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes,
      socklen_t(MemoryLayout<Int32>.size))
  }

  /// Since when it waits for a request, if it does.
  var idleSince: ContinuousClock.Instant? {
    phase.withLock { if case .idle(let since) = $0 { since } else { nil } }
  }

  /// Whether it may be ended where it stands when the server ends.
  var isInterruptible: Bool {
    phase.withLock { if case .answering = $0 { false } else { true } }
  }

  /// The response under way is the last.
  func finish() { mayGoOn.withLock { $0 = false } }

  var isFinishing: Bool { mayGoOn.withLock { !$0 } }

  func enter(_ new: Phase) { phase.withLock { $0 = new } }

  func close() { socket.close() }

  /// Waits for more from the client, without an end where no deadline is given.
  ///
  /// - Returns: Whether something came: false at the end of what the client sends.
  func read(until deadline: ContinuousClock.Instant?) async throws -> Bool {
    try await socket.read(into: { bytes in input.withLock { $0.append(bytes) } }, until: deadline)
  }

  func send(_ bytes: [UInt8]) async throws {
    try await socket.send(bytes, each: configuration.times.write)
  }

  /// Returns when the client has gone, or when the task is cancelled.
  func untilClientLeaves() async {
    // What it sends meanwhile is its next request, and is kept up to some size.
    while input.withLock({ $0.count }) < 1 << 16 {
      guard (try? await read(until: nil)) == true else { return }
    }
    try? await Task.sleep(for: .seconds(86_400 * 365))
  }

  /// Ends it so that the last response arrives.
  func endGently() async {
    await socket.linger(for: .seconds(2))
    socket.close()
  }
}
