import Foundation
import LowRankRuns
import Testing

/// What is put into a store comes out again.
@Suite struct `A run store` {
  private let folder = TemporaryFolder()

  @Test func `keeps the facts of runs, the newest first`() throws {
    let store = try RunStore(at: folder.store)
    let before = Date.now
    let first = try store.begin(.example())
    let second = try store.begin(.example(steps: 20, continues: first))
    let runs = try RunStore(reading: folder.store).runs()
    #expect(runs.map(\.id) == [second, first])
    let run = try #require(runs.first)
    #expect(run.facts == .example(steps: 20, continues: first))
    #expect(run.outcome == .running)
    #expect(run.ended == nil && run.message == nil && run.lastStep == 2)
    #expect(abs(run.started.timeIntervalSince(before)) < 10)
  }

  @Test func `keeps values, those that are not finite too`() throws {
    let store = try RunStore(at: folder.store)
    let run = try store.begin(.example())
    try store.record(["loss": 2.5, "gradient_norm": .infinity], step: 3, of: run)
    try store.record(["loss": .nan, "gradient_norm": -.infinity], step: 4, of: run)
    let points = try store.points(of: run)
    #expect(points.map(\.row) == [1, 2, 3, 4])
    #expect(points.map(\.step) == [3, 3, 4, 4])
    #expect(points.map(\.name) == ["gradient_norm", "loss", "gradient_norm", "loss"])
    #expect(points[0].value == .infinity && points[1].value == 2.5)
    #expect(points[2].value == -.infinity && points[3].value.isNaN)
    #expect(try store.names(of: run) == ["gradient_norm", "loss"])
    #expect(try store.run(run)?.lastStep == 4)
  }

  @Test func `hands out what is new, of the metrics asked for`() throws {
    let store = try RunStore(at: folder.store)
    let (run, other) = (try store.begin(.example()), try store.begin(.example()))
    for step in 1...5 {
      try store.record(["loss": Double(step), "learning_rate": 1], step: step, of: run)
      try store.record(["loss": -1], step: step, of: other)
    }
    #expect(try store.points(of: run, names: ["loss"]).map(\.value) == [1, 2, 3, 4, 5])
    #expect(try store.points(of: run, names: ["loss"], after: 4, limit: 2).map(\.step) == [3, 4])
    #expect(try store.points(of: run, after: 10).isEmpty)
    #expect(try store.points(of: run, names: ["accuracy"]).isEmpty)
    let latest = try store.latest(["loss", "accuracy"], of: run)
    #expect(latest.mapValues(\.value) == ["loss": 5])
  }

  @Test func `tells names apart by their bytes`() throws {
    let store = try RunStore(at: folder.store)
    let run = try store.begin(.example())
    try store.record(["\u{E9}": 1], step: 1, of: run)
    try store.record(["e\u{301}": 2], step: 2, of: run)
    #expect(try store.points(of: run).map { Array($0.name.utf8).count } == [2, 3])
  }

  @Test(arguments: [RunOutcome.finished, .interrupted, .failed])
  func `keeps how a run ended`(_ outcome: RunOutcome) throws {
    let store = try RunStore(at: folder.store)
    let id = try store.begin(.example())
    try store.end(id, outcome, message: "the loss is not finite")
    let run = try #require(try store.run(id))
    #expect(run.outcome == outcome && run.message == "the loss is not finite")
    #expect(try #require(run.ended) >= run.started)
  }

  @Test func `forgets a run with what it measured, and never gives its number again`() throws {
    let store = try RunStore(at: folder.store)
    let first = try store.begin(.example())
    let second = try store.begin(.example(continues: first))
    try store.record(["loss": 1], step: 1, of: first)
    try store.record(["loss": 1], step: 1, of: second)
    try store.remove(first)
    #expect(try store.run(first) == nil)
    #expect(try store.names(of: first).isEmpty && store.points(of: first).isEmpty)
    #expect(try store.run(second)?.facts.continues == nil)
    #expect(try store.points(of: second).count == 1)
    try store.remove(second)
    #expect(try store.begin(.example()) > second)
  }

  @Test func `names a run that it does not hold`() throws {
    let store = try RunStore(at: folder.store)
    let openings: [(RunStore) throws -> Void] = [
      { try $0.record(["loss": 1], step: 1, of: 7) }, { try $0.end(7, .finished) },
      { try $0.remove(7) },
    ]
    for open in openings {
      let error = #expect(throws: RunStoreError.self) { try open(store) }
      #expect(error?.problem == .noRun(7))
    }
    #expect(try store.points(of: 7).isEmpty)
  }

  @Test func `is where the environment says`() {
    let location = { (environment: [String: String]) in
      RunStore.standardLocation(environment).path
    }
    #expect(location(["LOWRANK_RUNS": "/a/b", "XDG_DATA_HOME": "/c"]) == "/a/b")
    #expect(location(["LOWRANK_RUNS": "", "XDG_DATA_HOME": "/c"]) == "/c/lowrank/runs.sqlite")
    #expect(
      location(["XDG_DATA_HOME": "c", "HOME": "/h"]) == "/h/.local/share/lowrank/runs.sqlite")
  }
}
