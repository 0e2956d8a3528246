import LowRankHTTP
import LowRankSocketTesting

/// A server that is up while a test asks it.
struct Site: Sendable {
  let port: Int

  /// Sends a text and reads to the end of the connection.
  func tell(_ text: String) async throws -> String {
    let conversation = try Conversation(port: port)
    try await conversation.send(text)
    return try await conversation.read { _ in false }
  }

  /// Asks for a path and reads the response to the end of the connection.
  func get(_ path: String, method: String = "GET", headers: [String] = []) async throws -> Answer {
    try Answer(
      try await tell(Self.request(path, method: method, headers: headers + ["Connection: close"])))
  }

  static func request(
    _ path: String, method: String = "GET", headers: [String] = [], body: String = ""
  ) -> String {
    let lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1"] + headers
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  /// Serves on a free port for the length of a test.
  static func run<Result: Sendable>(
    _ change: (inout HTTPServer.Configuration) -> Void = { _ in },
    handler: @escaping HTTPServer.Handler = { try await Site.echo($0) },
    _ body: @Sendable (Site) async throws -> Result
  ) async throws -> Result {
    try await run(change, handler: handler) { site, _ in try await body(site) }
  }

  /// As above, where the body may end the server itself.
  static func run<Result: Sendable>(
    _ change: (inout HTTPServer.Configuration) -> Void = { _ in },
    handler: @escaping HTTPServer.Handler = { try await Site.echo($0) },
    _ body: @Sendable (Site, Task<Void, any Error>) async throws -> Result
  ) async throws -> Result {
    var configuration = HTTPServer.Configuration()
    change(&configuration)
    let server = HTTPServer(configuration, handler: handler)
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    let serving = Task {
      defer { continuation.finish() }
      try await server.run { continuation.yield($0) }
    }
    var iterator = ports.makeAsyncIterator()
    guard let port = await iterator.next() else {
      try await serving.value
      throw Conversation.Failure(text: "the server ended before it was up")
    }
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(Site(port: port), serving))
    } catch {
      result = .failure(error)
    }
    serving.cancel()
    try await serving.value
    return try result.get()
  }

  /// Says what was asked, so that tests see what arrived.
  static func echo(_ request: HTTPRequest) async throws -> HTTPResponse {
    if request.target.path == "/unread" { return HTTPResponse(.ok, body: .text("unread")) }
    let body = try await request.body.collect()
    let segments = try request.target.segments().joined(separator: "|")
    let text = "\(request.method) \(segments) ?\(request.target.query ?? "") @\(request.host) "
    return HTTPResponse(
      .ok, fields: ["X-Host": request.host],
      body: .bytes(Array(text.utf8) + Array("[".utf8) + Array(body) + Array("]".utf8)))
  }
}
