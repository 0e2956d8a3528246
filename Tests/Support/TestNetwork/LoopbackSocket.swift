import Foundation

/// A connection on loopback.
///
/// Reading and writing block, so each has threads of its own.
package final class LoopbackSocket: Sendable {
  let descriptor: Int32

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Connects to a port of 127.0.0.1.
  init(connectingTo port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let status = withSocketAddress(port, isIPv6: false) { connect(descriptor, $0, $1) }
    guard status == 0 else { throw NetworkError("cannot connect to port \(port)") }
  }

  /// The next bytes; none after the last.
  package func read(upTo count: Int = 1 << 16) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, recv(descriptor, buffer.baseAddress, count, 0))
    }
  }

  /// Whether all bytes could be written.
  @discardableResult
  package func write(_ bytes: some Sequence<UInt8>) -> Bool {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Says that nothing more is written.
  package func endWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Ends both directions, also for threads that wait.
  package func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Passes on what comes, until it ends.
  func pass(to other: LoopbackSocket, counting count: (Int) -> Void = { _ in }) {
    while true {
      let bytes = read()
      guard !bytes.isEmpty, other.write(bytes) else { break }
      count(bytes.count)
    }
    other.endWriting()
  }

  /// Passes on what comes from either side, until both have ended.
  func join(_ other: LoopbackSocket, counting count: @escaping @Sendable (Int) -> Void = { _ in }) {
    let isBack = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      other.pass(to: self, counting: count)
      isBack.signal()
    }
    pass(to: other, counting: count)
    isBack.wait()
  }
}

/// Something that the network of the tests could not do.
struct NetworkError: Error, CustomStringConvertible {
  let description: String
  init(_ what: String) { description = "\(what): \(String(cString: strerror(errno)))" }
}

/// Lends the address of a port on loopback to a call of the system.
func withSocketAddress<Result>(
  _ port: Int, isIPv6: Bool, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  func lend<Address>(_ address: Address) -> Result {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<Address>.size))
      }
    }
  }
  guard isIPv6 else {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return lend(address)
  }
  var address = sockaddr_in6()
  address.sin6_family = sa_family_t(AF_INET6)
  address.sin6_port = in_port_t(port).bigEndian
  address.sin6_addr = in6addr_loopback
  return lend(address)
}
