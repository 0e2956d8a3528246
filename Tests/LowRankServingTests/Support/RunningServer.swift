import Foundation
import LowRank
import LowRankServing
import LowRankSocketTesting
import LowRankWorkshop

/// A server on a workshop's model with two adapters, `one` and `two`, in a folder.
final class RunningServer: Sendable {
  let workshop: Workshop
  let port: Int
  let folder: URL
  private let task: Task<Void, any Error>

  init(
    keys: String? = nil, _ change: (inout ServingConfiguration) -> Void = { _ in },
    log: @escaping @Sendable (String) -> Void = { _ in },
    preparing: (Workshop) throws -> Void = { _ in }
  ) async throws {
    let workshop = try Workshop()
    try preparing(workshop)
    let model = try Model(from: workshop.model.path, precision: .float32)
    let folder = workshop.place("adapters")
    for (name, rank) in [("one", 2), ("two", 5)] {
      try ServedFixture.save(
        ServedFixture.adapter(on: model, .allLinear, .lora(rank: rank), shift: 0.05 * Float(rank)),
        at: folder.appending(path: name))
    }
    var configuration = ServingConfiguration(name: "base")
    configuration.folder = folder
    configuration.limits.length = 32
    configuration.limits.cacheBytes = 1 << 22
    if let keys {
      let file = workshop.place("keys.json")
      try keys.write(to: file, atomically: true, encoding: .utf8)
      configuration.keys = file
    }
    change(&configuration)
    let server = try ServingServer(model, configuration)
    let (ports, sink) = AsyncStream<Int>.makeStream()
    task = Task { try await server.run(log: log) { sink.yield($0.port ?? 0) } }
    var found = 0
    for await port in ports {
      found = port
      break
    }
    (self.workshop, self.port, self.folder) = (workshop, found, folder)
  }

  deinit { task.cancel() }

  /// Ends the server, and waits for answers in progress.
  func stop() async throws {
    task.cancel()
    try await task.value
  }

  /// The answer to a request.
  func ask(
    _ method: String, _ path: String, _ body: String = "", key: String? = nil,
    fields: String = ""
  ) async throws -> Answer {
    let connection = try LowRankSocketTesting.Conversation(port: port)
    let authorization = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
    try await connection.send(
      "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(authorization)\(fields)"
        + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
    return try Answer(try await connection.read { _ in false })
  }

  func post(_ path: String, _ body: JSONValue, key: String? = nil) async throws -> Answer {
    try await ask("POST", path, body.text(), key: key)
  }
}

extension Answer {
  /// The body as our JSON.
  func object() throws -> JSONObject {
    guard let object = try JSONValue(parsing: body).object else {
      throw LowRankSocketTesting.Conversation.Failure(text: "not an object: \(body)")
    }
    return object
  }

  /// The choices of an answer.
  func choices() throws -> [JSONObject] {
    try object()["choices"]?.array?.compactMap(\.object) ?? []
  }

  /// The objects of the events of a chunked stream.
  func events() throws -> [JSONObject] {
    // The lines of chunks end with both, which are one character.
    try body.replacing("\r\n", with: "\n").split(separator: "\n").filter { $0.hasPrefix("data: {") }
      .compactMap { try JSONValue(parsing: String($0.dropFirst(6))).object }
  }
}
