import Foundation
import LowRankCheckpoints

/// Sends to the hub, and to the stores of large files that it names.
struct HubSender {
  let client: HubClient

  /// How long a store may think about what it was sent, in seconds.
  private static let patience = 60
  /// The size limit for a response.
  private static let longest = 16 << 20

  /// Lends a sender and closes its connections afterwards.
  static func lent<Result>(
    _ settings: HubSettings, to work: (HubSender) async throws -> Result
  ) async throws -> Result {
    var settings = settings
    settings.downloadTimeout = max(patience, settings.downloadTimeout)
    return try await HubClient.lent(settings) { try await work(HubSender(client: $0)) }
  }

  /// Does what may be done again until it works, or trying is no use.
  func trying<Result>(_ work: () async throws -> Result) async throws -> Result {
    try await RetryPolicy.trying(client.settings, attempts: client.settings.attempts, work)
  }

  /// Posts JSON below the endpoint.
  func post(_ path: String, _ json: JSONValue, type: String = "application/json") async throws
    -> HubReply
  {
    try await post(path, json.bytes(), type: type, accept: type)
  }

  /// Posts bytes below the endpoint.
  ///
  /// - Parameter isCommitting: whether a broken connection leaves it open whether it was done.
  func post(
    _ path: String, _ bytes: [UInt8], type: String, accept: String = "application/json",
    isCommitting: Bool = false
  ) async throws -> HubReply {
    try await send(
      .post, to: client.settings.endpoint + path, ["Content-Type": type, "Accept": accept],
      RequestBody(bytes), isCommitting: isCommitting)
  }

  /// Sends to an address that the hub gave.
  func send(
    _ method: HTTPRequest.Method, to address: String, _ headers: HTTPHeaders, _ body: RequestBody,
    isCommitting: Bool = false
  ) async throws -> HubReply {
    let url = try Self.url(address)
    do {
      let response = try await client.send(
        HTTPRequest(
          method: method, url: url, headers: headers, body: body,
          needsFreshConnection: isCommitting))
      guard let bytes = try await response.body.collected(upTo: Self.longest) else {
        throw HubError.foreign(url.hostText, "more than \(HubError.text(Self.longest))")
      }
      return HubReply(
        status: response.status, headers: response.headers, bytes: bytes, url: url)
    } catch let error as HubError where error.kind == .cut {
      throw PushError.cut(host: url.hostText, isCommitting: isCommitting)
    }
  }

  private static func url(_ text: String) throws -> URL {
    guard let url = URL(string: text), let scheme = url.scheme?.lowercased(),
      ["http", "https"].contains(scheme), url.host?.isEmpty == false
    else { throw HubError.foreign(text, "an invalid address") }
    return url
  }
}
