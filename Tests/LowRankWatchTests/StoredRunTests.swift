import Foundation
import LowRankRuns
import LowRankWatch
import Testing

@Suite struct `Runs are read from the store` {
  let folder = FileManager.default.temporaryDirectory.appending(path: "watch-\(UUID())")

  @Test func `a store may be made after the page is opened`() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "runs.sqlite")
    let source = StoredRuns(at: file)
    #expect(try source.runs().isEmpty)
    #expect(try source.run("1") == nil)
    #expect(try source.points(of: "1", after: 0, limit: 10).isEmpty)

    let store = try RunStore(at: file)
    let facts = RunFacts(
      adapter: "/adapters/names-r8", task: "causal", base: "gpt2", data: "names", dataHash: "ab",
      configuration:
        #"{"rank": 8, "dropout": 0.5, "rslora": true, "target": ["a", "b"], "resume": null, "alpha": null, "settings": {"rank": 9, "alpha": 16, "model": "m"}}"#,
      steps: 100, firstStep: 20)
    let id = try store.begin(facts)
    try store.record(["loss": 2.5, "learning_rate": .nan], step: 21, of: id)

    let run = try #require(try source.runs().first)
    #expect(run.id == "\(id)" && run.name == "names-r8" && run.outcome == .running)
    #expect(run.first == 20 && run.steps == 100)
    let told = Dictionary(uniqueKeysWithValues: run.facts.map { ($0.label, $0.value) })
    #expect(told["rank"] == "8" && told["dropout"] == "0.5" && told["rslora"] == "yes")
    // Settings are told where the configuration does not say what became of them.
    #expect(told["alpha"] == "16" && told["settings"] == nil && told["model"] == nil)
    #expect(told["target"] == "a, b" && told["resume"] == nil && told["Base"] == "gpt2")

    let points = try source.points(of: run.id, after: 0, limit: 10)
    #expect(points.map(\.metric) == ["learning_rate", "loss"])
    #expect(points[0].value.isNaN && points[1].value == 2.5)
    #expect(try source.points(of: run.id, after: points[0].place, limit: 10).count == 1)

    try store.end(id, .failed, message: "step 22: the loss is not finite")
    let ended = try #require(try source.run("\(id)"))
    #expect(ended.outcome == .failed && ended.message == "step 22: the loss is not finite")
    #expect(ended.ended != nil)
  }
}
