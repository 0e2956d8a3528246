import Foundation
import LowRankSocketTesting
import LowRankWatch
import Testing

@Suite struct `Runs and their points are asked for by address` {
  @Test func `all runs, one, and none`() async throws {
    let source = FakeRuns([.example("2"), .example("1", .failed, message: "loss is not finite")])
    try await Server.run(source) { server in
      let runs = try #require(try await server.get("/api/runs").json()["runs"] as? [[String: Any]])
      #expect(runs.map { $0["id"] as? String } == ["2", "1"])
      let run = try await server.get("/api/runs/1").json()
      #expect(run["outcome"] as? String == "failed")
      #expect(run["message"] as? String == "loss is not finite")
      let missing = try await server.get("/api/runs/3")
      #expect(missing.status == 404)
      #expect(try missing.json()["error"] as? String == "There is no run '3'.")
    }
  }

  @Test func `points come thinned from the beginning, and one by one after a place`() async throws {
    let source = FakeRuns([.example("1")])
    for step in 1...5000 { source.add("loss", 1 / Double(step), step: step, to: "1") }
    source.add("update_norm/model.layers.0.q_proj", 0.5, step: 5000, to: "1")
    source.add("loss", .nan, step: 5001, to: "1")
    try await Server.run(source) { server in
      let digest = try await server.get("/api/runs/1/points").json()
      #expect(digest["cursor"] as? Int == 5002)
      let series = try #require(digest["series"] as? [[String: Any]])
      #expect(
        series.map { $0["name"] as? String } == ["loss", "update_norm/model.layers.0.q_proj"])
      #expect(series[0]["width"] as? Int == 4)
      let steps = try #require(series[0]["steps"] as? [Int])
      #expect(steps.count == 1251 && steps.first == 3 && steps.last == 5000)
      let largest = try #require(series[0]["largest"] as? [Double])
      #expect(largest.first == 1)
      let page = try await server.get("/api/runs/1/points?after=4999").json()
      #expect(page["cursor"] as? Int == 5002 && page["more"] as? Bool == false)
      let groups = try #require(page["groups"] as? [[String: Any]])
      #expect(groups.map { $0["step"] as? Int } == [5000, 5001])
      #expect((groups[0]["values"] as? [Any])?.count == 2)
      #expect(((groups[1]["values"] as? [[Any]])?[0][1]) is NSNull)
    }
  }

  @Test func `a step that comes again displaces what was recorded from it on`() async throws {
    let source = FakeRuns([.example("1")])
    for step in 1...10 { source.add("loss", 1, step: step, to: "1") }
    for step in 6...8 { source.add("loss", 2, step: step, to: "1") }
    let digest = try await Server.run(source) { try await $0.get("/api/runs/1/points") }.json()
    let series = try #require((digest["series"] as? [[String: Any]])?.first)
    #expect(series["steps"] as? [Int] == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(series["means"] as? [Double] == [1, 1, 1, 1, 1, 2, 2, 2])
  }

  @Test func `points are read once however often they are asked for`() async throws {
    let source = FakeRuns([.example("1")])
    for step in 1...1000 { source.add("loss", 1, step: step, to: "1") }
    try await Server.run(source) { server in
      let first = try await server.get("/api/runs/1/points").body
      let second = try await server.get("/api/runs/1/points").body
      #expect(first == second)
    }
    #expect(source.reads == 1000)
  }

  @Test(arguments: [
    "/api/runs/1/points?after=-1", "/api/runs/1/points?after=", "/api/runs/1/points?after",
    "/api/runs/1/points?after=99999999999999999999", "/api/runs/1/points?after=1&after=2",
    "/api/runs/1/points?before=1", "/api/runs/1/points?after=1e3", "/api/runs?x=1", "/app.js?v=2",
    "/events?run=a%2Fb", "/events?run=", "/events?run=1&after=x", "/api/runs/%2e%2e",
    "/api/runs/a%00", "/?run=<script>",
  ])
  func `a question that is not understood is refused`(path: String) async throws {
    let answer = try await Server.run(FakeRuns([.example("1")])) { try await $0.get(path) }
    #expect(answer.status == 400)
    #expect(!answer.body.contains("<script>"))
  }

  @Test(arguments: ["/nothing", "/api", "/api/runs/", "/api/runs/9/points", "/../etc/passwd"])
  func `what is not there is not found`(path: String) async throws {
    let answer = try await Server.run(FakeRuns([.example("1")])) { try await $0.get(path) }
    #expect(answer.status == (path == "/api/runs/" ? 400 : 404))
  }

  @Test func `a query that is too long is refused`() async throws {
    let answer = try await Server.run(FakeRuns()) {
      try await $0.get("/?run=" + String(repeating: "a", count: 5000))
    }
    #expect(answer.status == 414)
  }
}
