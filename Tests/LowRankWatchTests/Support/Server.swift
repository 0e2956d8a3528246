import Foundation
import LowRankSocketTesting
import LowRankWatch

/// A server that is up while a test asks it.
struct Server: Sendable {
  let address: URL
  let port: Int

  /// Asks for an address and reads the answer to its end.
  func get(
    _ path: String, method: String = "GET", host: String? = nil, headers: [String] = []
  ) async throws -> Answer {
    let conversation = try Conversation(port: port)
    try await conversation.send(
      request(path, method: method, host: host, headers: headers + ["Connection: close"]))
    return try Answer(try await conversation.read { _ in false })
  }

  func request(
    _ path: String, method: String = "GET", host: String? = nil, headers: [String] = []
  ) -> String {
    let lines = ["\(method) \(path) HTTP/1.1", "Host: \(host ?? "127.0.0.1:\(port)")"] + headers
    return lines.joined(separator: "\r\n") + "\r\n\r\n"
  }

  /// Serves on a free port for the length of a test.
  static func run<Result: Sendable>(
    _ source: any RunSource, host: String = "127.0.0.1", token: AccessToken? = nil,
    clients: Int = 4,
    pace: EventPace = EventPace(points: .milliseconds(20), runs: .milliseconds(40)),
    _ body: @Sendable (Server) async throws -> Result
  ) async throws -> Result {
    let server = WatchServer(
      source, host: host, port: 0, token: token, clients: clients, pace: pace)
    let (addresses, continuation) = AsyncStream<URL>.makeStream()
    let serving = Task {
      defer { continuation.finish() }
      try await server.run { continuation.yield($0) }
    }
    var iterator = addresses.makeAsyncIterator()
    guard let address = await iterator.next(), let port = address.port else {
      try await serving.value
      throw Conversation.Failure(text: "the server ended before it was up")
    }
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(Server(address: address, port: port)))
    } catch {
      result = .failure(error)
    }
    serving.cancel()
    try await serving.value
    return try result.get()
  }
}
