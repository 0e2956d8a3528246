import Foundation
import Synchronization

/// Writes the body of a response; concurrent writes are sent one after the other.
package final class ResponseWriter: Sendable {
  private let connection: Connection
  private let isChunked: Bool
  private let announced: Int?
  private let written = Mutex(0)
  /// Whether a write was sent only in part, so that nothing can follow it.
  private let isBroken = Mutex(false)
  private let turn = Turn()

  init(_ outgoing: OutgoingResponse, on connection: Connection) {
    self.connection = connection
    if case .chunks = outgoing.framing { isChunked = true } else { isChunked = false }
    announced = outgoing.response.fields["Content-Length"].flatMap { Int($0) }
  }

  /// Sends bytes, and waits until they fit in the socket's buffer.
  ///
  /// - Throws: What ends the connection: the client has left, or reads nothing for too long.
  package func write(_ bytes: [UInt8]) async throws {
    guard !bytes.isEmpty else { return }
    try await turn.take { [self] in
      guard begin() else {
        throw Socket.Failure.closed
      }
      if isChunked {
        let size = Array("\(String(bytes.count, radix: 16))\r\n".utf8)
        try await connection.send(size + bytes + [0x0D, 0x0A])
      } else {
        try await connection.send(bytes)
      }
      isBroken.withLock { $0 = false }
      written.withLock { $0 += bytes.count }
    }
  }

  private func begin() -> Bool {
    isBroken.withLock { isBroken in
      defer { isBroken = true }
      return !isBroken
    }
  }

  package func write(_ text: String) async throws { try await write(Array(text.utf8)) }

  package func write(_ data: Data) async throws { try await write(Array(data)) }

  /// Ends the body.
  ///
  /// - Throws: ``Socket/Failure/closed`` if the body does not have the announced length, which ends the connection.
  func finish() async throws {
    guard !isBroken.withLock({ $0 }) else { throw Socket.Failure.closed }
    if isChunked { return try await connection.send(Array("0\r\n\r\n".utf8)) }
    if let announced, announced != written.withLock({ $0 }) { throw Socket.Failure.closed }
  }
}
