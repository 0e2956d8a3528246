import Foundation
import LowRankHTTP
import LowRankSocketTesting
import Synchronization
import Testing

@Suite("Responses are streamed as they come to be") struct StreamTests {
  /// Waits until a condition is true, ten seconds at most.
  private func wait(until isTrue: () -> Bool) async throws {
    for _ in 0..<1000 where !isTrue() { try await Task.sleep(for: .milliseconds(10)) }
    #expect(isTrue())
  }

  @Test("An event stream ends when its client leaves, though nothing is being sent")
  func leaving() async throws {
    let began = Mutex(false)
    let ended = Mutex(false)
    let handler: HTTPServer.Handler = { _ in
      .events(isEndless: true, heartbeat: .seconds(3600)) { _ in
        began.withLock { $0 = true }
        defer { ended.withLock { $0 = true } }
        try await Task.sleep(for: .seconds(3600))
      }
    }
    try await Site.run(handler: handler) { (site: Site) async throws in
      var conversation: Conversation? = try Conversation(port: site.port)
      try await conversation?.send(Site.request("/"))
      let header = try await conversation?.read { $0.contains("\r\n\r\n") } ?? ""
      #expect(header.contains("Content-Type: text/event-stream\r\n"))
      try await wait { began.withLock { $0 } }
      #expect(!ended.withLock { $0 })
      conversation = nil
      try await wait { ended.withLock { $0 } }
    }
  }

  @Test("A client may send its next request while it is streamed to")
  func nextRequest() async throws {
    let (writers, continuation) = AsyncStream<Void>.makeStream()
    let handler: HTTPServer.Handler = { request in
      guard request.target.path == "/stream" else { return try await Site.echo(request) }
      return HTTPResponse(
        .ok,
        body: .stream(
          .init { writer in
            try await writer.write("first")
            for await _ in writers { break }
            try await writer.write("second")
          }))
    }
    try await Site.run(handler: handler) { (site: Site) async throws in
      let conversation = try Conversation(port: site.port)
      try await conversation.send(Site.request("/stream"))
      _ = try await conversation.read { $0.contains("5\r\nfirst\r\n") }
      try await conversation.send(Site.request("/next"))
      try await Task.sleep(for: .milliseconds(50))
      continuation.yield()
      let rest = try await conversation.read { $0.contains("[]") }
      #expect(rest.hasPrefix("6\r\nsecond\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"))
      #expect(rest.contains("GET next "))
    }
  }

  @Test("The end of a body is told when it has come, and not before")
  func end() async throws {
    let ends = Mutex(0)
    let (writers, continuation) = AsyncStream<Void>.makeStream()
    let handler: HTTPServer.Handler = { request in
      let stream = HTTPResponse.Stream { writer in
        try await writer.write("first")
        for await _ in writers { break }
      }
      var response = HTTPResponse(.ok, body: .stream(stream))
      if request.target.path != "/stream" { response = try await Site.echo(request) }
      response.onEnd { ends.withLock { $0 += 1 } }
      return response
    }
    try await Site.run(handler: handler) { (site: Site) async throws in
      _ = try await site.get("/whole")
      #expect(ends.withLock { $0 } == 1)
      let conversation = try Conversation(port: site.port)
      try await conversation.send(Site.request("/stream"))
      _ = try await conversation.read { $0.contains("first") }
      #expect(ends.withLock { $0 } == 1)
      continuation.yield()
      _ = try await conversation.read { $0.contains("0\r\n\r\n") }
      #expect(ends.withLock { $0 } == 2)
      // Nobody asks for the body.
      _ = try await site.get("/stream", method: "HEAD")
      try await wait { ends.withLock { $0 } == 3 }
    }
  }

  @Test("Silence is broken by comments, and only silence")
  func heartbeat() async throws {
    let handler: HTTPServer.Handler = { _ in
      .events(isEndless: true, heartbeat: .seconds(1)) { events in
        for number in 1...20 {
          try await events.send(.event(name: nil, id: nil, data: Data("\(number)".utf8)))
          try await Task.sleep(for: .milliseconds(20))
        }
        try await Task.sleep(for: .seconds(3600))
      }
    }
    try await Site.run(handler: handler) { (site: Site) async throws in
      let conversation = try Conversation(port: site.port)
      try await conversation.send(Site.request("/"))
      let text = try await conversation.read { $0.components(separatedBy: ":\n\n").count > 2 }
      let comment = try #require(text.firstRange(of: ":\n\n"))
      #expect(text[..<comment.lowerBound].contains("data: 20\n"))
    }
  }

  @Test("Each line of an event's data is a line of data")
  func lines() async throws {
    let handler: HTTPServer.Handler = { _ in
      .events(isEndless: false, heartbeat: .seconds(3600)) { events in
        try await events.send(.event(name: "a", id: 7, data: Data("b\n\nc".utf8)))
        try await events.send(.retry(milliseconds: 5))
      }
    }
    try await Site.run(handler: handler) { (site: Site) async throws in
      let text = try await site.get("/").body
      #expect(text.contains("id: 7\nevent: a\ndata: b\ndata: \ndata: c\n\n"))
      #expect(text.contains("retry: 5\n\n"))
      #expect(text.hasSuffix("0\r\n\r\n"))
    }
  }

  @Test("What several tasks write at once does not mix")
  func turns() async throws {
    let handler: HTTPServer.Handler = { _ in
      let stream = HTTPResponse.Stream { writer in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for letter in "abcdefgh".utf8 {
            group.addTask { try await writer.write([UInt8](repeating: letter, count: 300_000)) }
          }
          try await group.waitForAll()
        }
      }
      return HTTPResponse(.ok, fields: ["Content-Length": "2400000"], body: .stream(stream))
    }
    try await Site.run(handler: handler) { (site: Site) async throws in
      let conversation = try Conversation(port: site.port, receiveBuffer: 4096)
      try await conversation.send(Site.request("/", headers: ["Connection: close"]))
      let body = try Answer(try await conversation.read { $0.utf8.count > 2_400_000 }).body.utf8
      let changes = zip(body, body.dropFirst()).count { $0 != $1 }
      #expect(body.count == 2_400_000 && changes == 7)
    }
  }

  @Test("A stream that breaks off, or is of another length than announced, ends the connection")
  func brokenStreams() async throws {
    struct Broken: Error {}
    let handler: HTTPServer.Handler = { request in
      let length: HTTPFields = request.target.path == "/chunks" ? [:] : ["Content-Length": "10"]
      let stream = HTTPResponse.Stream { writer in
        try await writer.write("12345")
        if request.target.path != "/short" { throw Broken() }
      }
      return HTTPResponse(.ok, fields: length, body: .stream(stream))
    }
    try await Site.run(handler: handler) { (site: Site) async throws in
      #expect(try await site.tell(Site.request("/chunks")).hasSuffix("5\r\n12345\r\n"))
      #expect(try await site.tell(Site.request("/throws")).hasSuffix("\r\n\r\n12345"))
      #expect(try await site.tell(Site.request("/short")).hasSuffix("\r\n\r\n12345"))
    }
  }

  @Test("A large response arrives whole at a slow client")
  func largeResponses() async throws {
    let bytes = (0..<3_000_000).map { UInt8(ascii: "a") + UInt8($0 % 26) }
    try await Site.run(handler: { _ in HTTPResponse(.ok, body: .bytes(bytes)) }) {
      (site: Site) async throws in
      let slow = try Conversation(port: site.port, receiveBuffer: 4096)
      try await slow.send(Site.request("/", headers: ["Connection: close"]))
      let answer = try Answer(try await slow.read { $0.utf8.count > 3_000_000 })
      #expect(Array(answer.body.utf8) == bytes)
    }
  }
}
