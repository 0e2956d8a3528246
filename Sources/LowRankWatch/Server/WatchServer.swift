import Foundation
import LowRankHTTP

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
    let responder = WatchResponder(
      source: source, access: access, digests: Digests(source),
      slots: StreamSlots(limit: clients), pace: pace)
    var configuration = HTTPServer.Configuration(host: host, port: port)
    configuration.limits.connections = max(64, 4 * clients)
    configuration.times.write = pace.writeTimeout
    configuration.refusal = { Replies.failure($0) }
    let server = HTTPServer(configuration) { await responder.respond(to: $0) }
    do {
      try await server.run { port in
        if let url = address(port: port) { ready(url) }
      }
    } catch ListenError.portInUse {
      throw WatchError.portInUse(host: host, port: port)
    } catch ListenError.unusable(_, _, let reason) {
      throw WatchError.unusable(host: host, port: port, reason: reason)
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
