import Dispatch
import Foundation

/// A connection to the server, as bytes: what browsers would not send can be sent too.
///
/// Reading and writing block, so they are done on threads of their own.
package final class Conversation: Sendable {
  private let descriptor: Int32

  /// Connects, with a small buffer for what is received where one is wanted.
  package init(host: String = "127.0.0.1", port: Int, receiveBuffer: Int32? = nil) throws {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found?.pointee else {
      throw Failure(text: "\(host) is no address")
    }
    defer { freeaddrinfo(found) }
    descriptor = socket(address.ai_family, address.ai_socktype, 0)
    if var size = receiveBuffer {
      setsockopt(
        descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 else {
      throw Failure(text: "cannot connect: \(errno)")
    }
  }

  deinit { close(descriptor) }

  package struct Failure: Error {
    let text: String

    package init(text: String) { self.text = text }
  }

  package func send(_ text: String) async throws {
    try await onThread {
      let bytes = Array(text.utf8)
      guard Foundation.send(self.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
      else { throw Failure(text: "cannot send: \(errno)") }
    }
  }

  /// Reads until the text is right, the other side ends, or a minute is over.
  package func read(until isRight: @escaping @Sendable (String) -> Bool) async throws -> String {
    try await onThread {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let end = ContinuousClock.now + .seconds(60)
      while !isRight(String(decoding: bytes, as: UTF8.self)) {
        guard ContinuousClock.now < end else {
          throw Failure(text: "not in: \(String(decoding: bytes, as: UTF8.self))")
        }
        let count = recv(self.descriptor, &buffer, buffer.count, 0)
        if count == 0 { break }
        guard count > 0 else {
          throw Failure(
            text: "nothing came (error \(errno)) after: \(String(decoding: bytes, as: UTF8.self))")
        }
        bytes += buffer[..<count]
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  private func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
  }
}
