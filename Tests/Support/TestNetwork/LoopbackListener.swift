import Foundation
import Synchronization

/// A free port of loopback where every connection is served on a thread of its own.
package final class LoopbackListener: Sendable {
  package let port: Int
  private let descriptor: Int32
  private let open = Mutex<[ObjectIdentifier: LoopbackSocket]>([:])

  /// Listens on 127.0.0.1, or on ::1.
  package init(
    isIPv6: Bool = false, _ serve: @escaping @Sendable (LoopbackSocket) -> Void
  ) throws {
    let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let status = withSocketAddress(0, isIPv6: isIPv6) { bind(descriptor, $0, $1) }
    guard descriptor >= 0, status == 0, listen(descriptor, 64) == 0 else {
      throw NetworkError("cannot listen")
    }
    var address = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let told = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &length)
      }
    }
    guard told == 0 else { throw NetworkError("cannot find the port") }
    // The port is at the same place in both kinds of address.
    port = Int(in_port_t(bigEndian: address.sin6_port))
    self.descriptor = descriptor
    Thread.detachNewThread { [self] in accept(serve) }
  }

  /// Whether the system has ::1.
  package static var hasIPv6: Bool {
    guard let listener = try? LoopbackListener(isIPv6: true, { _ in }) else { return false }
    listener.stop()
    return true
  }

  /// Ends all connections, and takes no more.
  package func stop() {
    shutdown(descriptor, Int32(SHUT_RDWR))
    for socket in open.withLock({ Array($0.values) }) { socket.end() }
  }

  private func accept(_ serve: @escaping @Sendable (LoopbackSocket) -> Void) {
    while true {
      let connection = Foundation.accept(descriptor, nil, nil)
      guard connection >= 0 else { break }
      let socket = LoopbackSocket(connection)
      open.withLock { $0[ObjectIdentifier(socket)] = socket }
      Thread.detachNewThread { [self] in
        serve(socket)
        socket.end()
        open.withLock { $0[ObjectIdentifier(socket)] = nil }
      }
    }
    close(descriptor)
  }
}

extension LoopbackListener {
  /// Runs a test with it.
  package func serving<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
    defer { stop() }
    return try await body(port)
  }
}
