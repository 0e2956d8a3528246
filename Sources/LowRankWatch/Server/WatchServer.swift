import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

/// The local web page on which runs are watched.
///
/// It listens on loopback unless told otherwise, and then asks for a token.
package struct WatchServer: Sendable {
  /// The port that is listened on unless another is chosen.
  package static let defaultPort = 6360

  private let source: any RunSource
  private let host: String
  private let port: Int
  private let token: AccessToken?
  private let clients: Int
  private let pace: EventPace

  /// Prepares a server.
  ///
  /// - Parameters:
  ///   - source: Where runs are read.
  ///   - host: The address to listen on.
  ///   - port: The port to listen on, or 0 for any that is free.
  ///   - token: What opens the page; an address other than loopback gets a random one if there is none.
  ///   - clients: How many pages are sent events at once.
  package init(
    _ source: any RunSource, host: String = "127.0.0.1", port: Int = defaultPort,
    token: AccessToken? = nil, clients: Int = 32, pace: EventPace = EventPace()
  ) {
    (self.source, self.host, self.port, self.clients) = (source, host, port, clients)
    self.token = token ?? (Loopback.isAddress(host) ? nil : .random())
    self.pace = pace
  }

  /// Serves until the task is cancelled.
  ///
  /// - Parameter ready: Called once with the address to open.
  /// - Throws: ``WatchError``.
  package func run(ready: @escaping @Sendable (URL) -> Void) async throws {
    let access = token.map { Access.token($0, cookie: "lowrank_watch_\(port)") } ?? .loopback
    var configuration = ApplicationConfiguration(
      address: .hostname(host, port: port), serverName: nil)
    configuration.availableConnectionsDelegate = MaximumAvailableConnections(
      max(64, 4 * clients))
    let application = Application(
      responder: WatchResponder(
        source: source, access: access, digests: Digests(source),
        slots: StreamSlots(limit: clients), pace: pace),
      server: .http1(configuration: .init(idleTimeout: .seconds(60))),
      configuration: configuration,
      onServerRunning: { channel in
        if let url = address(port: channel.localAddress?.port ?? port) { ready(url) }
      },
      logger: Logger(label: "lowrank.watch", factory: { _ in SwiftLogNoOpLogHandler() }))
    do {
      try await application.run()
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw WatchError.portInUse(host: host, port: port)
    } catch let error as IOError {
      throw WatchError.unusable(
        host: host, port: port, reason: String(cString: strerror(error.errnoCode)))
    } catch is CancellationError {
      return
    } catch let error as SocketAddressError {
      throw WatchError.unusable(host: host, port: port, reason: "no such address (\(error))")
    }
  }

  /// What to open in a browser.
  private func address(port: Int) -> URL? {
    var address = URLComponents()
    address.scheme = "http"
    let name = ["0.0.0.0", "::"].contains(host) ? ProcessInfo.processInfo.hostName : host
    address.host = name.contains(":") ? "[\(name)]" : name
    address.port = port
    address.path = "/"
    address.queryItems = token.map { [URLQueryItem(name: "token", value: $0.text)] }
    return address.url
  }
}
