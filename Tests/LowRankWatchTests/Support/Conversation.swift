import Dispatch
import Foundation

/// A connection to the server, as bytes: what browsers would not send can be sent too.
///
/// Reading and writing block, so they are done on threads of their own.
final class Conversation: Sendable {
  private let descriptor: Int32

  /// Connects, with a small buffer for what is received where one is wanted.
  init(port: Int, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var size = receiveBuffer {
      setsockopt(
        descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Failure(text: "cannot connect: \(errno)") }
  }

  deinit { close(descriptor) }

  struct Failure: Error { let text: String }

  func send(_ text: String) async throws {
    try await onThread {
      let bytes = Array(text.utf8)
      guard Foundation.send(self.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
      else { throw Failure(text: "cannot send: \(errno)") }
    }
  }

  /// Reads until the text is right, the other side ends, or 20 seconds are over.
  func read(until isRight: @escaping @Sendable (String) -> Bool) async throws -> String {
    try await onThread {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let end = ContinuousClock.now + .seconds(20)
      while !isRight(String(decoding: bytes, as: UTF8.self)) {
        guard ContinuousClock.now < end else {
          throw Failure(text: "not in: \(String(decoding: bytes, as: UTF8.self))")
        }
        let count = recv(self.descriptor, &buffer, buffer.count, 0)
        if count == 0 { break }
        guard count > 0 else {
          throw Failure(text: "nothing came after: \(String(decoding: bytes, as: UTF8.self))")
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
