import Foundation

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
    guard let endpoint = URL(string: settings.endpoint) else { throw noAddress(settings) }
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
    guard var url = URL(string: settings.endpoint + path) else { throw Self.noAddress(settings) }
    var headers = headers
    headers.set("Accept-Encoding", "identity")
    var described = HTTPHeaders()
    var seen: Set<URL> = []
    while true {
      let response = try await send(
        HTTPRequest(
          url: url, headers: headers, answerTimeout: isLong ? nil : settings.metadataTimeout))
      // Nobody but the hub itself says what a file should be.
      if url.isSameServer(as: endpoint) {
        for (name, value) in response.headers.fields { described.set(name, value) }
      }
      guard [301, 302, 303, 307, 308].contains(response.status) else {
        return HubAnswer(response: response, described: described, url: url)
      }
      seen.insert(url)
      url = try target(of: response, from: url)
      guard !seen.contains(url), seen.count <= Self.redirects else {
        throw HubError(
          .redirect, "\(endpoint.hostText) redirects in a circle; check HF_ENDPOINT and the proxy")
      }
      // The connection can be reused once the response is read to its end.
      _ = try await response.body.collected(upTo: 1 << 14)
    }
  }

  /// Sends a request; adds the token only for the endpoint.
  ///
  /// - Throws: `HubError`; what reading the request's body throws; `CancellationError`.
  func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    var request = request
    request.headers.set("User-Agent", "lowrank")
    if let token = settings.token, request.url.isSameServer(as: endpoint) {
      request.headers.set("Authorization", "Bearer \(token)")
    }
    return try await connections.send(request)
  }

  private func target(of response: HTTPResponse, from url: URL) throws(HubError) -> URL {
    guard let location = response.headers["Location"],
      let target = URL(string: location, relativeTo: url)?.absoluteURL
    else { throw HubError(.redirect, "\(url.hostText) redirects without an address to go to") }
    let scheme = target.scheme?.lowercased()
    guard scheme == "https" || scheme == "http", target.host?.isEmpty == false,
      (1...65_535).contains(target.port ?? 80)
    else {
      throw HubError(
        .redirect, "\(url.hostText) redirects to \(target.scheme ?? "nothing"):, which is not http")
    }
    guard target.isSecure || !url.isSecure else {
      throw HubError(
        .redirect,
        "\(url.hostText) redirects from https to http at \(target.hostText), where others can listen"
      )
    }
    return target
  }

  private static func noAddress(_ settings: HubSettings) -> HubError {
    .badSetting("HF_ENDPOINT", settings.endpoint, expected: "an address")
  }
}
