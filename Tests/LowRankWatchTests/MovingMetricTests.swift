import Foundation
import LowRankRuns
import LowRankSocketTesting
import LowRankWatch
import Testing

/// What a browser gets of a run whose rewards and ranks move, from the store that training writes.
@Suite struct `Rewards and ranks are told as they move` {
  private static let layers = (0..<2).map { "rank/model.layers.\($0).self_attn.q_proj" }

  /// Lends a store, and a run in it whose steps a test records.
  private func withStore(
    _ body: (RunStore, Int64, StoredRuns) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "watch-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "runs.sqlite")
    let store = try RunStore(at: file)
    let id = try store.begin(
      RunFacts(
        adapter: "/adapters/dpo", task: "preference", base: "gpt2", data: "pairs", dataHash: "ab",
        configuration: #"{"objective": "dpo", "ranks": "adalora"}"#, steps: 8))
    try await body(store, id, StoredRuns(at: file))
  }

  private func series(_ answer: Answer) throws -> [String: [String: Any]] {
    let all = try #require(try answer.json()["series"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: try all.map { (try #require($0["name"] as? String), $0) })
  }

  @Test func `rewards have a value for every step that told them`() async throws {
    try await withStore { store, id, source in
      for step in 1...4 {
        let chosen = 0.25 * Double(step - 1)
        try store.record(
          [
            "loss": 0.75 - 0.125 * Double(step), "accuracy": step < 2 ? 0.5 : 1,
            "chosen_reward": chosen, "rejected_reward": -chosen, "margin": 2 * chosen,
          ], step: step, of: id)
      }
      try store.record(["valid_accuracy": 0.875, "valid_margin": 1.25], step: 4, of: id)
      let series = try series(
        try await Server.run(source) { try await $0.get("/api/runs/\(id)/points") })
      let expected: [String: [Double]] = [
        "loss": [0.625, 0.5, 0.375, 0.25], "accuracy": [0.5, 1, 1, 1],
        "chosen_reward": [0, 0.25, 0.5, 0.75], "rejected_reward": [0, -0.25, -0.5, -0.75],
        "margin": [0, 0.5, 1, 1.5],
      ]
      for (name, values) in expected {
        #expect(series[name]?["steps"] as? [Int] == [1, 2, 3, 4], "\(name)")
        #expect(series[name]?["means"] as? [Double] == values, "\(name)")
      }
      #expect(series["valid_accuracy"]?["means"] as? [Double] == [0.875])
      #expect(series["valid_margin"]?["steps"] as? [Int] == [4])
      #expect(series.count == expected.count + 2)
    }
  }

  /// Ranks are recorded where they change, as AdaLoRA's do, and modules keep apart.
  @Test func `every layer has its ranks, and the run their sum`() async throws {
    try await withStore { store, id, source in
      for (step, ranks) in [(1, [4, 4]), (3, [4, 3]), (6, [3, 1])] {
        var values = ["total_rank": Double(ranks.reduce(0, +))]
        for (name, rank) in zip(Self.layers, ranks) { values[name] = Double(rank) }
        try store.record(values, step: step, of: id)
      }
      try await Server.run(source) { server in
        let series = try series(try await server.get("/api/runs/\(id)/points"))
        for (name, ranks) in [
          (Self.layers[0], [4.0, 4, 3]), (Self.layers[1], [4, 3, 1]), ("total_rank", [8, 7, 4]),
        ] {
          #expect(series[name]?["steps"] as? [Int] == [1, 3, 6], "\(name)")
          #expect(series[name]?["means"] as? [Double] == ranks, "\(name)")
        }
        // The map of modules has a column for fewer steps than a curve has, and the page knows these by their prefix.
        #expect(series[Self.layers[0]]?["limit"] as? Int == 256)
        #expect(series["total_rank"]?["limit"] as? Int == 2048)
        #expect(try await server.get("/charts.js").body.contains(#"prefix: "rank/""#))
        #expect(try await server.get("/series.js").body.contains(#"update_norm|rank"#))
      }
    }
  }

  @Test func `a page that is open is told of the next ones`() async throws {
    try await withStore { store, id, source in
      try store.record(
        ["accuracy": 0.5, "margin": 0.25, "total_rank": 8, Self.layers[0]: 4, Self.layers[1]: 4],
        step: 1, of: id)
      try await Server.run(source) { server in
        let conversation = try Conversation(port: server.port)
        try await conversation.send(server.request("/events?run=\(id)"))
        let begin = try await conversation.read { $0.contains("event: run\n") }
        for (name, value) in [("accuracy", "0.5"), ("margin", "0.25"), (Self.layers[1], "4")] {
          #expect(begin.contains("[\"\(name)\",\(value)]"), "\(name)")
        }
        try store.record(
          ["accuracy": 0.75, "margin": 1.5, "total_rank": 6, Self.layers[1]: 2], step: 2, of: id)
        let next = try await conversation.read { $0.contains(#"["total_rank",6]"#) }
        #expect(next.contains("id: 9\n"))
        for (name, value) in [
          ("accuracy", "0.75"), ("margin", "1.5"), ("total_rank", "6"), (Self.layers[1], "2"),
        ] {
          #expect(next.contains("[\"\(name)\",\(value)]"), "\(name)")
        }
        #expect(next.contains("\"step\":2"))
        // What did not move is not told again.
        #expect(!next.contains(Self.layers[0]))
      }
    }
  }
}
