import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Asks the hub, follows it where it points, and tells the token to nobody else.
struct HubClient: Sendable {
  let settings: HubSettings
  private let connections: Connections
  private let endpoint: URL

  private static let redirects = 10

  /// Lends a client and closes its connections afterwards.
  static func lent<Result>(
    _ settings: HubSettings, to work: (HubClient) async throws -> Result
  ) async throws -> Result {
    guard let endpoint = URL(string: settings.endpoint) else {
      throw HubError.badSetting("HF_ENDPOINT", settings.endpoint, expected: "an address")
    }
    return try await Connections.lent(settings) { connections in
      try await work(HubClient(settings: settings, connections: connections, endpoint: endpoint))
    }
  }

  /// Asks for something below the endpoint.
  ///
  /// - Parameters:
  ///   - path: percent-encoded, from the slash after the endpoint on.
  ///   - isLong: whether the answer may take as long as it likes as long as it does not stand still.
  /// - Throws: `HubError`, `CancellationError`.
  func get(
    _ path: String, headers: HTTPHeaders = [:], isLong: Bool = false
  ) async throws -> HubAnswer {
    guard var url = URL(string: settings.endpoint + path) else {
      throw HubError.badSetting("HF_ENDPOINT", settings.endpoint, expected: "an address")
    }
    var described = HTTPHeaders()
    var seen: Set<URL> = []
    while true {
      let response = try await send(url, headers, isLong: isLong)
      // Nobody but the hub itself says what a file should be.
      if url.isSameServer(as: endpoint) {
        for (name, value) in response.headers { described.replaceOrAdd(name: name, value: value) }
      }
      guard [301, 302, 303, 307, 308].contains(response.status.code) else {
        return HubAnswer(
          status: response.status.code, headers: response.headers, described: described, url: url,
          body: response.body)
      }
      seen.insert(url)
      url = try target(of: response, from: url)
      guard !seen.contains(url), seen.count <= Self.redirects else {
        throw HubError(
          .redirect, "\(endpoint.hostText) redirects in a circle; check HF_ENDPOINT and the proxy")
      }
    }
  }

  private func send(
    _ url: URL, _ headers: HTTPHeaders, isLong: Bool
  ) async throws -> HTTPClientResponse {
    var request = HTTPClientRequest(url: url.absoluteString)
    request.headers = headers
    request.headers.replaceOrAdd(name: "Accept-Encoding", value: "identity")
    request.headers.replaceOrAdd(name: "User-Agent", value: "lowrank")
    if let token = settings.token, url.isSameServer(as: endpoint) {
      request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(token)")
    }
    let deadline =
      isLong ? NIODeadline.distantFuture : .now() + .seconds(Int64(settings.metadataTimeout))
    do {
      return try await connections.client(for: url).execute(request, deadline: deadline)
    } catch {
      throw hubError(error, at: url)
    }
  }

  private func target(of response: HTTPClientResponse, from url: URL) throws(HubError) -> URL {
    guard let location = response.headers.first(name: "Location"),
      let target = URL(string: location, relativeTo: url)?.absoluteURL
    else { throw HubError(.redirect, "\(url.hostText) redirects without an address to go to") }
    let scheme = target.scheme?.lowercased()
    guard scheme == "https" || scheme == "http", target.host?.isEmpty == false,
      (1...65_535).contains(target.port ?? 80)
    else {
      throw HubError(
        .redirect, "\(url.hostText) redirects to \(target.scheme ?? "nothing"):, which is not http")
    }
    guard scheme == "https" || url.scheme?.lowercased() == "http" else {
      throw HubError(
        .redirect,
        "\(url.hostText) redirects from https to http at \(target.hostText), where others can listen"
      )
    }
    return target
  }
}
