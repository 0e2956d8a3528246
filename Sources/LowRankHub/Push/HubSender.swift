import AsyncHTTPClient
import Foundation
import LowRankCheckpoints
import NIOCore
import NIOHTTP1

/// Sends to the hub, and to the stores of large files that it names.
struct HubSender {
  let client: HubClient
  private let connections: Connections

  /// How long a store may think about what it was sent, in seconds.
  private static let patience = 60

  /// Lends a sender and closes its connections afterwards.
  static func lent<Result>(
    _ settings: HubSettings, to work: (HubSender) async throws -> Result
  ) async throws -> Result {
    var settings = settings
    settings.downloadTimeout = max(patience, settings.downloadTimeout)
    return try await HubClient.lent(settings) { client in
      try await Connections.lent(settings) { connections in
        try await work(HubSender(client: client, connections: connections))
      }
    }
  }

  /// Does what may be done again until it works, or trying is no use.
  func trying<Result>(_ work: () async throws -> Result) async throws -> Result {
    try await Patience.trying(client.settings, attempts: client.settings.attempts, work)
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
      .POST, try Self.url(client.settings.endpoint + path),
      ["Content-Type": type, "Accept": accept], .bytes(bytes), isCommitting: isCommitting)
  }

  /// Sends to an address that the hub gave.
  func send(_ method: HTTPMethod, to address: String, _ headers: HTTPHeaders, _ body: Body)
    async throws -> HubReply
  {
    try await send(method, try Self.url(address), headers, body, isCommitting: false)
  }

  enum Body {
    case bytes([UInt8])
    case file(PushFile)
  }

  private func send(
    _ method: HTTPMethod, _ url: URL, _ headers: HTTPHeaders, _ body: Body, isCommitting: Bool
  ) async throws -> HubReply {
    var request = HTTPClientRequest(url: url.absoluteString)
    request.method = method
    request.headers = headers
    request.headers.replaceOrAdd(name: "User-Agent", value: "lowrank")
    // The token is the hub's alone.
    if let token = client.settings.token,
      try url.isSameServer(as: Self.url(client.settings.endpoint))
    {
      request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(token)")
    }
    switch body {
    case .bytes(let bytes): request.body = .bytes(bytes)
    case .file(let file):
      request.body = .stream(PushBody(file: file), length: .known(Int64(file.size)))
    }
    do {
      let response = try await connections.client(for: url).execute(
        request, deadline: .distantFuture)
      var answer = try await response.body.collect(upTo: 16 << 20)
      return HubReply(
        status: Int(response.status.code), headers: response.headers,
        bytes: answer.readBytes(length: answer.readableBytes) ?? [], url: url)
    } catch let error as FileError {
      throw error
    } catch {
      let failure = client.hubError(error, at: url)
      guard (failure as? HubError)?.kind == .cut else { throw failure }
      throw PushError.cut(host: url.hostText, isCommitting: isCommitting)
    }
  }

  private static func url(_ text: String) throws -> URL {
    guard let url = URL(string: text), let scheme = url.scheme?.lowercased(),
      ["http", "https"].contains(scheme), url.host?.isEmpty == false
    else { throw HubError.foreign(text, "an address that is none") }
    return url
  }
}
