import Foundation
import LowRankHTTP
import LowRankSocketTesting
import Synchronization
import Testing

@Suite("A server ends without breaking off what it answers") struct ShutdownTests {
  @Test("A response under way is finished, a connection that waits ends, and nobody else gets in")
  func graceful() async throws {
    let (asked, continuation) = AsyncStream<Void>.makeStream()
    let (permissions, permission) = AsyncStream<Void>.makeStream()
    let handler: HTTPServer.Handler = { request in
      guard request.target.path == "/slow" else { return try await Site.echo(request) }
      continuation.yield()
      for await _ in permissions { break }
      return HTTPResponse(.ok, body: .text("finished"))
    }
    try await Site.run(handler: handler) {
      (site: Site, serving: Task<Void, any Error>) async throws in
      let (idle, silent) = (try Conversation(port: site.port), try Conversation(port: site.port))
      try await idle.send(Site.request("/"))
      _ = try await idle.read { $0.hasSuffix("[]") }
      let slow = try Conversation(port: site.port)
      try await slow.send(Site.request("/slow"))
      for await _ in asked { break }
      serving.cancel()
      #expect(try await idle.read { _ in false } == "")
      #expect(try await silent.read { _ in false } == "")
      #expect(throws: Conversation.Failure.self) { try Conversation(port: site.port) }
      permission.yield()
      let answer = try Answer(try await slow.read { _ in false })
      #expect(answer.body == "finished")
      #expect(answer.headers["connection"] == "close")
    }
  }

  @Test("A stream without an end of its own ends at once, and whole")
  func endlessStreams() async throws {
    let handler: HTTPServer.Handler = { _ in
      .events(isEndless: true, heartbeat: .seconds(3600)) { events in
        try await events.send(.comment)
        try await Task.sleep(for: .seconds(3600))
      }
    }
    try await Site.run(handler: handler) {
      (site: Site, serving: Task<Void, any Error>) async throws in
      let conversation = try Conversation(port: site.port)
      try await conversation.send(Site.request("/"))
      _ = try await conversation.read { $0.contains(":\n\n") }
      let began = ContinuousClock.now
      serving.cancel()
      #expect(try await conversation.read { _ in false }.hasSuffix("0\r\n\r\n"))
      try await serving.value
      #expect(ContinuousClock.now - began < .seconds(4))
    }
  }

  @Test("A stream that has an end is let come to it")
  func streamsWithAnEnd() async throws {
    let (asked, continuation) = AsyncStream<Void>.makeStream()
    let handler: HTTPServer.Handler = { _ in
      .events(isEndless: false, heartbeat: .seconds(3600)) { events in
        continuation.yield()
        for word in ["one", "two", "three"] {
          try await Task.sleep(for: .milliseconds(100))
          try await events.send(.event(name: nil, id: nil, data: Data(word.utf8)))
        }
      }
    }
    try await Site.run(handler: handler) {
      (site: Site, serving: Task<Void, any Error>) async throws in
      let conversation = try Conversation(port: site.port)
      try await conversation.send(Site.request("/"))
      for await _ in asked { break }
      serving.cancel()
      let text = try await conversation.read { _ in false }
      #expect(text.contains("data: three\n\n") && text.hasSuffix("0\r\n\r\n"))
    }
  }

  @Test("What is not finished in time is ended, and its handler is cancelled")
  func timeIsOver() async throws {
    let (asked, continuation) = AsyncStream<Void>.makeStream()
    let cancelled = Mutex(false)
    let handler: HTTPServer.Handler = { _ in
      continuation.yield()
      defer { cancelled.withLock { $0 = Task.isCancelled } }
      try await Task.sleep(for: .seconds(3600))
      return HTTPResponse(.ok)
    }
    try await Site.run({ $0.times.shutdown = .milliseconds(200) }, handler: handler) {
      (site: Site, serving: Task<Void, any Error>) async throws in
      let conversation = try Conversation(port: site.port)
      try await conversation.send(Site.request("/"))
      for await _ in asked { break }
      serving.cancel()
      #expect(try await conversation.read { _ in false } == "")
      try await serving.value
      #expect(cancelled.withLock { $0 })
    }
  }
}
