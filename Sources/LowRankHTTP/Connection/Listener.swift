import CEpoll
import Foundation

/// A socket that accepts connections.
enum Listener {
  /// Listens on the first usable address of a name.
  ///
  /// - Throws: ``ListenError``.
  static func open(host: String, port: Int) throws -> (descriptor: Int32, port: Int) {
    func unusable(_ reason: String) -> ListenError {
      .unusable(host: host, port: port, reason: reason)
    }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, String(port), &hints, &found)
    guard status == 0, let first = found else {
      throw unusable("no such address (\(String(cString: gai_strerror(status))))")
    }
    defer { freeaddrinfo(found) }
    var number: Int32 = 0
    for address in sequence(first: first, next: { $0.pointee.ai_next }) {
      do { return try open(address.pointee) } catch let error as SystemError {
        number = error.number
      }
    }
    if number == EADDRINUSE { throw ListenError.portInUse(host: host, port: port) }
    throw unusable(SystemError(number: number).reason)
  }

  private static func open(_ address: addrinfo) throws -> (descriptor: Int32, port: Int) {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(address.ai_family, type, 0)
    guard descriptor >= 0 else { throw SystemError(number: errno) }
    var (yes, size) = (Int32(1), socklen_t(MemoryLayout<Int32>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
    guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0,
      listen(descriptor, SOMAXCONN) == 0
    else {
      let number = errno
      close(descriptor)
      throw SystemError(number: number)
    }
    var bound = sockaddr_storage()
    size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    _ = withUnsafeMutableBytes(of: &bound) {
      getsockname(descriptor, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
    }
    // The port is at the same offset in IPv4 and IPv6 addresses.
    let port = withUnsafeBytes(of: &bound) {
      $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self).bigEndian
    }
    return (descriptor, Int(port))
  }
}
