import Foundation
import LowRank
import LowRankHTTP
import LowRankKeys

/// A server that answers requests for many adapters over one base.
public struct ServingServer: Sendable {
  /// Whether an address is reached from this machine alone.
  public static func isLocal(_ host: String) -> Bool { RequestOrigin.isLoopback(host) }

  private let configuration: ServingConfiguration
  private let context: ServingContext

  /// Prepares a server.
  ///
  /// - Throws: what reading the keys and the tokenizer throws.
  public init(_ model: Model, _ configuration: ServingConfiguration) throws {
    self.configuration = configuration
    context = try ServingContext(model, configuration)
  }

  /// Serves until the task is cancelled, then lets answers in progress finish for a while.
  ///
  /// - Parameters:
  ///   - log: told of each request: a line without anything of its text.
  ///   - ready: called once, with the address.
  /// - Throws: ``ServerError`` where the address cannot be listened on.
  public func run(
    log: @escaping @Sendable (String) -> Void = { _ in },
    ready: @escaping @Sendable (URL) -> Void
  ) async throws {
    var settings = HTTPServer.Configuration(host: configuration.host, port: configuration.port)
    settings.limits.bodyBytes = configuration.bodyBytes
    settings.limits.connections = configuration.connections
    settings.times.shutdown = .seconds(30)
    settings.refusal = { ServingRouter.refusal($0) }
    let router = ServingRouter(context: context, log: log)
    let server = HTTPServer(settings) { try await router.respond(to: $0) }
    defer { context.stop() }
    do {
      try await server.run { [configuration] port in
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        if let url = URL(string: "http://\(host):\(port)") { ready(url) }
      }
    } catch let error as ListenError {
      throw ServerError(description: "\(error); choose another with \(setting: "port")")
    }
  }
}

/// An address that cannot be listened on.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}
