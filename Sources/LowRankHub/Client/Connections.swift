import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

/// The connections of one piece of work: direct ones, and those through each proxy.
struct Connections: Sendable {
  private let direct: HTTPClient
  private let proxied: [Proxies.Proxy: HTTPClient]
  private let proxies: Proxies

  /// Lends connections and closes them afterwards.
  static func lent<Result>(
    _ settings: HubSettings, to work: (Connections) async throws -> Result
  ) async throws -> Result {
    let connections = try Connections(settings)
    do {
      let result = try await work(connections)
      await connections.close()
      return result
    } catch {
      await connections.close()
      throw error
    }
  }

  private init(_ settings: HubSettings) throws(HubError) {
    let base = try Self.configuration(settings)
    proxies = settings.proxies
    direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: base)
    proxied = Dictionary(
      uniqueKeysWithValues: proxies.all.map { proxy in
        var configuration = base
        configuration.proxy = .server(
          host: proxy.host, port: proxy.port,
          authorization: proxy.user.map {
            .basic(username: $0, password: proxy.password ?? "")
          })
        return (proxy, HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration))
      })
  }

  /// Those that lead to an address.
  func client(for url: URL) -> HTTPClient {
    proxies.proxy(for: url).flatMap { proxied[$0] } ?? direct
  }

  private func close() async {
    for client in [direct] + proxied.values { try? await client.shutdown() }
  }

  private static func configuration(_ settings: HubSettings) throws(HubError)
    -> HTTPClient.Configuration
  {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(
      connect: .seconds(Int64(settings.metadataTimeout)),
      read: .seconds(Int64(settings.downloadTimeout)))
    configuration.connectionPool.retryConnectionEstablishment = false
    // Several connections are faster than several streams in one.
    configuration.httpVersion = .http1Only
    if let file = settings.certificates {
      guard FileManager.default.isReadableFile(atPath: file) else {
        throw .badSetting(
          "SSL_CERT_FILE", file, expected: "a file of certificates that can be read")
      }
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .file(file)
      configuration.tlsConfiguration = tls
    }
    return configuration
  }
}
