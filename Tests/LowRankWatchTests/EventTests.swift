import Foundation
import LowRankSocketTesting
import LowRankWatch
import Testing

@Suite struct `Events go on as they happen` {
  @Test func `a stream begins with the state and continues with new points`() async throws {
    let source = FakeRuns([.example("1")])
    source.add("loss", 4, step: 1, to: "1")
    try await Server.run(source) { server in
      let conversation = try Conversation(port: server.port)
      try await conversation.send(server.request("/events?run=1"))
      let begin = try await conversation.read { $0.contains("event: run\n") }
      #expect(begin.lowercased().contains("content-type: text/event-stream\r\n"))
      #expect(begin.contains("retry: 2000\n\n"))
      #expect(begin.contains("event: runs\n"))
      #expect(begin.contains("id: 1\nevent: points\ndata: {\"cursor\":1,"))
      source.add("loss", 3.5, step: 2, to: "1")
      let next = try await conversation.read { $0.contains("id: 2\n") && $0.contains("3.5") }
      #expect(next.contains("[\"loss\",3.5]"))
      #expect(!next.contains("[\"loss\",4]"))
    }
  }

  @Test func `a browser that comes back gets what it missed`() async throws {
    let source = FakeRuns([.example("1")])
    for step in 1...5 { source.add("loss", Double(step) + 0.5, step: step, to: "1") }
    try await Server.run(source) { server in
      let conversation = try Conversation(port: server.port)
      try await conversation.send(
        server.request("/events?run=1&after=1", headers: ["Last-Event-ID: 3"]))
      let events = try await conversation.read { $0.contains("id: 5\n") && $0.contains("5.5") }
      #expect(events.contains("[\"loss\",4.5]"))
      #expect(!events.contains("[\"loss\",3.5]"))
      let wrong = try await server.get("/events?run=1", headers: ["Last-Event-ID: x"])
      #expect(wrong.status == 400)
    }
  }

  @Test func `the end of a run is told after its last point, once`() async throws {
    let source = FakeRuns([.example("1")])
    try await Server.run(source) { server in
      let conversation = try Conversation(port: server.port)
      try await conversation.send(server.request("/events?run=1"))
      _ = try await conversation.read { $0.contains("event: run\n") }
      source.add("loss", 2, step: 100, to: "1")
      source.set(.example("1", .failed, message: "step 100: loss is not finite"))
      let end = try await conversation.read {
        $0.contains("event: runs\n") && $0.contains("event: run\n") && $0.contains("id: 1\n")
      }
      let states = end.matches(of: /event: run\n/)
      let point = try #require(end.firstRange(of: "event: points"))
      let state = try #require(states.first)
      #expect(states.count == 1)
      #expect(point.lowerBound < state.range.lowerBound)
      #expect(end.contains("step 100: loss is not finite"))
    }
  }

  @Test func `without a run the list of runs is told`() async throws {
    let source = FakeRuns()
    try await Server.run(source) { server in
      let conversation = try Conversation(port: server.port)
      try await conversation.send(server.request("/events"))
      _ = try await conversation.read { $0.contains("event: runs\ndata: {\"runs\":[]}\n\n") }
      source.set(.example("first"))
      let news = try await conversation.read { $0.contains("run first") }
      #expect(!news.contains("event: points"))
    }
  }

  @Test func `silence is broken by comments`() async throws {
    let pace = EventPace(points: .milliseconds(10), heartbeat: .milliseconds(50))
    try await Server.run(FakeRuns(), pace: pace) { server in
      let conversation = try Conversation(port: server.port)
      try await conversation.send(server.request("/events"))
      let text = try await conversation.read { $0.components(separatedBy: ":\n\n").count > 3 }
      #expect(!text.contains("event: points"))
    }
  }

  @Test func `there is room for so many pages, and for others when they are closed`() async throws {
    try await Server.run(FakeRuns(), clients: 2) { server in
      var open: [Conversation] = []
      for _ in 0..<2 {
        let conversation = try Conversation(port: server.port)
        try await conversation.send(server.request("/events"))
        _ = try await conversation.read { $0.contains("event: runs") }
        open.append(conversation)
      }
      let refused = try await server.get("/events")
      #expect(refused.status == 503)
      #expect(refused.headers["retry-after"] == "5")
      #expect(try await server.get("/api/runs").status == 200)
      open.removeAll()
      var status = 503
      for _ in 0..<200 where status == 503 {
        let conversation = try Conversation(port: server.port)
        try await conversation.send(server.request("/events"))
        status = try Answer(try await conversation.read { $0.contains("\r\n\r\n") }).status
        if status == 503 { try await Task.sleep(for: .milliseconds(20)) }
      }
      #expect(status == 200)
    }
  }

  @Test func `a client that takes nothing is dropped`() async throws {
    let source = FakeRuns([.example("1")])
    let name = MetricName("update_norm/" + String(repeating: "x", count: 400))
    for step in 1...60_000 { source.add(name, Double(step), step: step, to: "1") }
    let pace = EventPace(points: .milliseconds(10), writeTimeout: .milliseconds(400))
    try await Server.run(source, clients: 1, pace: pace) { server in
      let slow = try Conversation(port: server.port, receiveBuffer: 4096)
      try await slow.send(server.request("/events?run=1"))
      _ = try await slow.read { $0.contains("\r\n\r\n") }
      var status = 503
      for _ in 0..<300 where status == 503 {
        try await Task.sleep(for: .milliseconds(50))
        let next = try Conversation(port: server.port)
        try await next.send(server.request("/events"))
        status = try Answer(try await next.read { $0.contains("\r\n\r\n") }).status
      }
      #expect(status == 200)
      withExtendedLifetime(slow) {}
    }
  }
}
