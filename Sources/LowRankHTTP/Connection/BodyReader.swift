import Synchronization

/// Reads a request's body from its connection.
final class BodyReader: Sendable {
  private struct State {
    var decoder: BodyDecoder
    /// The number of bytes read so far.
    var count = 0
    var isAsked: Bool
  }

  private let connection: Connection
  private let limit: Int
  private let state: Mutex<State>

  init(_ head: RequestHead, on connection: Connection) {
    self.connection = connection
    limit = connection.configuration.limits.bodyBytes
    state = Mutex(
      State(decoder: BodyDecoder(head.framing), isAsked: !head.expectsContinue))
  }

  static func tooLarge(_ limit: Int) -> HTTPFailure {
    HTTPFailure(.contentTooLarge, "The body is larger than \(limit) bytes.")
  }

  /// Whether the whole body was read.
  var isOver: Bool { state.withLock { $0.decoder.isOver } }

  func next() async throws -> [UInt8]? {
    while true {
      let bytes = try state.withLock { state in
        let bytes = try connection.input.withLock { try state.decoder.next(from: &$0) }
        state.count += bytes.count
        return bytes
      }
      guard state.withLock({ $0.count }) <= limit else { throw Self.tooLarge(limit) }
      if !bytes.isEmpty { return bytes }
      if isOver { return nil }
      let mustAsk = state.withLock { state in
        defer { state.isAsked = true }
        return !state.isAsked
      }
      if mustAsk { try await connection.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
      do {
        guard try await connection.read(until: .now + connection.configuration.times.body) else {
          throw Socket.Failure.closed
        }
      } catch Socket.Failure.timedOut {
        throw HTTPFailure(.requestTimeout, "The body did not arrive in time.")
      }
    }
  }

  /// Returns when the client has left, or when the task is cancelled; the body must have been read.
  func untilClientLeaves() async { await connection.untilClientLeaves() }

  /// Discards the rest of the body as far as it has arrived, without waiting.
  ///
  /// - Returns: Whether that was all of it.
  func skip() -> Bool {
    state.withLock { state in
      while !state.decoder.isOver {
        let bytes = try? connection.input.withLock { try state.decoder.next(from: &$0) }
        guard let bytes, !bytes.isEmpty else { break }
      }
      return state.decoder.isOver
    }
  }
}
