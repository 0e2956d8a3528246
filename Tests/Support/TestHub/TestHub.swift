import Foundation
import LowRankHTTP

/// A hub on loopback that speaks the Hugging Face hub's interface, for tests.
///
/// ```swift
/// try await TestHub.run { hub in
///   hub.add("owner/name", files: ["config.json": Data("{}".utf8)])
///   hub.fail(Fault(.cut, "model.safetensors", times: 1, amount: 1000))
///   // point HF_ENDPOINT to hub.url
///   #expect(hub.log.contains { $0.path.hasSuffix("config.json") })
/// }
/// ```
package final class TestHub: Sendable {
  /// What the hub does unless it is told otherwise.
  package struct Settings: Sendable {
    /// Large files are served and received under another host name than the hub's own.
    package var storeIsElsewhere = true
    /// The entries of one page of a listing.
    package var pageSize = 1000
    /// The largest file that is received.
    package var uploadLimit: Int?
    /// From this size on, files are received in parts of this size.
    package var partSize: Int?

    package init() {}
  }

  /// The address, without a slash at its end.
  package let url: String
  let store: HubStore

  init(_ store: HubStore, url: String) { (self.store, self.url) = (store, url) }

  /// Serves on a free port of 127.0.0.1 for as long as a task runs.
  package static func run<Result: Sendable>(
    port: Int = 0, _ settings: Settings = Settings(),
    _ body: (TestHub) async throws -> Result
  ) async throws -> Result {
    let store = HubStore()
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    var configuration = HTTPServer.Configuration(port: port)
    configuration.limits.bodyBytes = 1 << 31
    // Clients that rest between two requests are none of the faults.
    configuration.times.idle = .seconds(3600)
    configuration.times.shutdown = .zero
    let responder = HubResponder(store: store)
    let server = HTTPServer(configuration) { try await responder.respond(to: $0) }
    let serving = Task {
      defer { continuation.finish() }
      try await server.run { continuation.yield($0) }
    }
    var iterator = ports.makeAsyncIterator()
    guard let port = await iterator.next() else {
      try await serving.value
      throw CancellationError()
    }
    let url = "http://127.0.0.1:\(port)"
    store.with { state in (state.address, state.settings) = (url, settings) }
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(TestHub(store, url: url)))
    } catch {
      result = .failure(error)
    }
    serving.cancel()
    _ = await serving.result
    return try result.get()
  }
}
