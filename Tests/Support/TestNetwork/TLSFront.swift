import CTestTLS
import Foundation
import Synchronization

/// A port that speaks TLS, and passes what it reads on to another port that does not.
package final class TLSFront: Sendable {
  private let server: TLSServer
  private let listener: LoopbackListener

  /// Listens on 127.0.0.1 for a port of 127.0.0.1.
  package init(to port: Int, _ certificate: TestCertificate) throws {
    let server = try TLSServer(certificate)
    self.server = server
    listener = try LoopbackListener { client in
      guard let hub = try? LoopbackSocket(connectingTo: port) else { return }
      server.join(client, hub)
    }
  }

  package var port: Int { listener.port }
  /// The protocols that the last client offered above TLS, such as `h2`.
  package var offered: [String] { server.offered.withLock { $0 } }
  /// The connections over which something was said in TLS.
  package var connections: Int { server.connections.withLock { $0 } }

  package func stop() { listener.stop() }
}

/// The side of OpenSSL that has the certificate.
private final class TLSServer: Sendable {
  let offered = Mutex<[String]>([])
  let connections = Mutex(0)
  nonisolated(unsafe) private let context: OpaquePointer

  init(_ certificate: TestCertificate) throws {
    guard let context = SSL_CTX_new(TLS_server_method()) else { throw NetworkError("no TLS") }
    self.context = context
    lr_tls_require_1_2(context)
    guard SSL_CTX_use_certificate(context, certificate.certificate) == 1,
      SSL_CTX_use_PrivateKey(context, certificate.key) == 1
    else { throw NetworkError("no TLS") }
    SSL_CTX_set_alpn_select_cb(
      context,
      { _, chosen, count, list, length, server in
        guard let server, let list else { return SSL_TLSEXT_ERR_NOACK }
        let names = TLSServer.names(UnsafeBufferPointer(start: list, count: Int(length)))
        Unmanaged<TLSServer>.fromOpaque(server).takeUnretainedValue().offered.withLock {
          $0 = names.map(\.text)
        }
        guard let one = names.first(where: { $0.text == "http/1.1" }) else {
          return SSL_TLSEXT_ERR_NOACK
        }
        chosen?.pointee = list + one.start
        count?.pointee = UInt8(one.text.utf8.count)
        return SSL_TLSEXT_ERR_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit { SSL_CTX_free(context) }

  private static func names(_ list: UnsafeBufferPointer<UInt8>) -> [(text: String, start: Int)] {
    var names: [(String, Int)] = []
    var place = 0
    while place < list.count {
      let end = min(list.count, place + 1 + Int(list[place]))
      names.append((String(decoding: list[(place + 1)..<end], as: UTF8.self), place + 1))
      place = end
    }
    return names
  }

  /// Passes on what comes from either side, until one ends.
  func join(_ client: LoopbackSocket, _ hub: LoopbackSocket) {
    // OpenSSL writes to sockets whose other end may be gone.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    guard let session = SSL_new(context) else { return }
    defer { SSL_free(session) }
    guard SSL_set_fd(session, client.descriptor) == 1, SSL_accept(session) == 1 else { return }
    connections.withLock { $0 += 1 }
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      var waits = [client, hub].map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
      if SSL_pending(session) == 0, poll(&waits, 2, -1) < 0 { return }
      if SSL_pending(session) > 0 || waits[0].revents != 0 {
        let count = SSL_read(session, &buffer, Int32(buffer.count))
        guard count > 0, hub.write(buffer[..<Int(count)]) else { return }
      }
      if waits[1].revents != 0 {
        let bytes = hub.read(upTo: 1 << 14)
        guard !bytes.isEmpty else {
          SSL_shutdown(session)
          return
        }
        guard SSL_write(session, bytes, Int32(bytes.count)) > 0 else { return }
      }
    }
  }
}
