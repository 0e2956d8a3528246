import Foundation
import LowRank
import LowRankExperiments
import LowRankSessions
import LowRankWorkshop
import Synchronization
import Testing

@Suite struct `An experiment` {
  private func plan(
    _ workshop: Workshop, base: JSONObject = [:], _ more: JSONObject = [:]
  ) throws -> ExperimentPlan {
    var settings: JSONObject = [
      "model": .string(workshop.model.path), "data": .string(workshop.data.path),
      "precision": "f32", "batch_size": 8, "no_store": true,
    ]
    for (key, value) in base.entries { settings[key] = value }
    var object: JSONObject = ["base": .object(settings)]
    for (key, value) in more.entries { object[key] = value }
    return try ExperimentPlan(object, named: "plan")
  }

  private static let vary: JSONObject = [
    "init": ["kaiming", "pissa"], "learning_rate": [0.003, 0.03], "seed": [0, 1],
  ]

  /// The results without times, which differ between runs.
  private func table(_ results: ExperimentResults) -> JSONValue {
    func timeless(_ value: JSONValue) -> JSONValue {
      if let items = value.array { return .array(items.map(timeless)) }
      guard let object = value.object else { return value }
      return .object(
        JSONObject(
          object.entries.filter { $0.key != "seconds" }.map { ($0.key, timeless($0.value)) }))
    }
    return timeless(.object(results.json))
  }

  @Test func `gives the same table after it was stopped in a run, and between runs`() throws {
    let workshop = try Workshop()
    let plan = try plan(
      workshop,
      ["vary": .object(Self.vary), "budget": ["steps": 6], "held_out": 0.25])
    let whole = try Experiment(plan, in: workshop.place("whole").path).run()
    let place = workshop.place("parts").path
    for stop in [3, 14] {
      let ended = Mutex(0)
      let polls = Mutex(0)
      let around = Surroundings(isStopping: {
        ended.withLock { $0 } > 0
          && polls.withLock {
            $0 += 1; return $0
          } > stop
      })
      #expect(throws: Interrupted.self) {
        try Surroundings.$current.withValue(around) {
          _ = try Experiment(plan, in: place) { event in
            if case .began = event { ended.withLock { $0 += 1 } }
          }.run()
        }
      }
    }
    let began = Mutex(0)
    let parts = try Experiment(plan, in: place) { event in
      if case .began = event { began.withLock { $0 += 1 } }
    }.run()
    #expect(began.withLock { $0 } < 8, "runs that ended are not trained again")
    #expect(table(parts) == table(whole))
    #expect(whole.runs.count == 8 && whole.summary.map(\.variant) == ["kaiming", "pissa"])
    #expect(whole.isHeldOut && whole.summary[1].difference?.count == 2)
    #expect(whole.runs.filter { !$0.test.isEmpty }.count == 4, "only chosen runs are tested")
    let names = try FileManager.default.contentsOfDirectory(atPath: place).sorted()
    for name in [
      "curves.csv", "curves.svg", "report.html", "results.json", "runs.csv", "summary.csv",
    ] {
      #expect(names.contains(name))
    }
    let curves = try String(contentsOfFile: "\(place)/curves.svg", encoding: .utf8)
    #expect(curves.contains("kaiming") && curves.contains("pissa"))
  }

  @Test func `chooses each method's rank by the budget of parameters`() throws {
    let workshop = try Workshop()
    let plan = try plan(
      workshop, base: ["target": "all-linear"],
      [
        "vary": ["method": ["lora", "loha", "vera"]],
        "budget": ["parameters": 3000, "steps": 1],
      ])
    let forecast = try ExperimentForecast(plan)
    #expect(forecast.runs.count == 3)
    let ranks = forecast.runs.map { $0.choices["rank"]?.integer ?? 0 }
    for (run, rank) in zip(forecast.runs, ranks) {
      #expect(run.parameters <= 3000 && rank >= 1 && run.seconds > 0, "\(run)")
    }
    // LoHa has two products of the same shapes, so half the rank.
    #expect(ranks[0] > 1 && ranks[1] == ranks[0] / 2)
    let names = try FileManager.default.contentsOfDirectory(atPath: workshop.root.path)
    #expect(names.sorted() == ["data", "model"], "a dry run writes nothing")
    let small = try self.plan(
      workshop, ["vary": ["method": ["lora"]], "budget": ["parameters": 10, "steps": 1]])
    let error = try #require(throws: SettingsError.self) { _ = try ExperimentForecast(small) }
    #expect("\(error)".contains("trains 112 at rank 1"), "\(error)")
  }

  @Test func `refuses axes that contradict, with both choices, before it trains`() throws {
    let workshop = try Workshop()
    let plan = try plan(
      workshop,
      [
        "vary": ["method": ["lora", "vera"], "init": ["kaiming", "pissa"]], "budget": ["steps": 1],
      ])
    let error = try #require(throws: SettingsError.self) {
      _ = try Experiment(plan, in: workshop.place("a").path)
    }
    let text = "\(error)"
    #expect(text.contains("the variant vera, pissa") && text.contains("vera"), "\(text)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a/runs").path))
    let apart = try self.plan(
      workshop,
      [
        "vary": ["method": ["lora", "vera"], "init": ["kaiming", "pissa"]],
        "combinations": "one_at_a_time", "budget": ["steps": 1],
      ])
    let forecast = try ExperimentForecast(apart)
    #expect(forecast.runs.map(\.variant) == ["lora, kaiming", "vera", "pissa"])
  }

  @Test func `refuses data that are too small to split`() throws {
    let workshop = try Workshop()
    let plan = try plan(
      workshop, ["vary": ["rank": [1, 2]], "budget": ["steps": 1], "held_out": 0.01])
    let error = try #require(throws: (any Error).self) {
      _ = try Experiment(plan, in: workshop.place("a").path)
    }
    #expect("\(error)".contains("40 rows are too few to split: held_out 0.01"), "\(error)")
  }

  @Test func `uses so many rows of each split, from all over the file`() throws {
    let workshop = try Workshop()
    let plan = try plan(
      workshop,
      [
        "vary": ["rank": [1]], "budget": ["steps": 1], "held_out": 0.25,
        "rows": ["train": 10, "valid": 4, "test": 5],
      ])
    _ = try Experiment(plan, in: workshop.place("a").path)
    let data = workshop.place("a/data")
    let folder = try #require(
      try FileManager.default.contentsOfDirectory(at: data, includingPropertiesForKeys: nil).first)
    func lines(_ place: URL) throws -> [String] {
      try String(contentsOf: place, encoding: .utf8).split(separator: "\n").map(String.init)
    }
    func texts(_ name: String) throws -> [String] {
      try lines(folder.appending(path: name)).map {
        try #require(try JSONValue(parsing: $0, from: name).object?["text"]?.string)
      }
    }
    let (train, test) = (try texts("train.jsonl"), try texts("test.jsonl"))
    #expect(try train.count == 10 && texts("valid.jsonl").count == 4 && test.count == 5)
    #expect(Set(train).isDisjoint(with: test), "held-out rows are not trained on")
    let whole = try lines(workshop.data.appending(path: "train.jsonl"))
    let places = train.compactMap { text in whole.firstIndex { $0.contains(text) } }
    #expect(places == places.sorted() && (places.last ?? 0) >= 20, "not the first rows alone")
  }

  @Test func `keeps a run that failed, names it, and goes on`() throws {
    let workshop = try Workshop()
    let plan = try plan(
      workshop,
      [
        "vary": ["learning_rate": [0.003, 1e30], "rank": [1, 2], "seed": [0, 1]],
        "budget": ["steps": 6],
      ])
    let results = try Experiment(plan, in: workshop.place("a").path).run()
    let failed = results.runs.filter { $0.failure != nil }
    #expect(failed.count == 4 && failed.allSatisfy { $0.rate == 1e30 })
    #expect(results.summary.allSatisfy { $0.bestRate == 0.003 && $0.failed == 2 })
    #expect(results.json["runs"]?.array?.count == 8)
    let report = try String(
      contentsOf: workshop.place("a/report.html"), encoding: .utf8)
    #expect(report.contains("Runs that failed"))
  }

  @Test func `halves learning rates on few steps first`() throws {
    let workshop = try Workshop()
    let plan = try plan(
      workshop,
      [
        "vary": ["learning_rate": [1e-6, 1e-5, 0.01, 0.03], "seed": [0, 1]],
        "budget": ["steps": 8], "halving": ["first": 2],
      ])
    let results = try Experiment(plan, in: workshop.place("a").path).run()
    // 4 rates for 2 steps, 2 for 4, then one on both seeds.
    #expect(results.runs.map(\.steps) == [2, 2, 2, 2, 4, 4, 8, 8])
    // Those that went on were the better ones of their trial.
    func survivors(after steps: Int, _ count: Int) -> Set<Double> {
      let trial = results.runs.filter { $0.isTrial && $0.steps == steps }
      let best = trial.sorted { ($0.valid["loss"] ?? .nan) < ($1.valid["loss"] ?? .nan) }
      return Set(best.prefix(count).map(\.rate))
    }
    #expect(Set(results.runs[4...5].map(\.rate)) == survivors(after: 2, 2))
    #expect(Set(results.runs[6...7].map(\.rate)) == survivors(after: 4, 1))
    #expect(results.summary[0].bestRate == results.runs[7].rate)
    let forecast = try ExperimentForecast(plan)
    #expect(forecast.runs.map(\.steps) == [2, 2, 2, 2, 4, 4, 8, 8])
  }

  @Test func `continues with more seeds, and refuses other conditions`() throws {
    let workshop = try Workshop()
    let place = workshop.place("a").path
    func plan(_ seeds: [Int], batch: Int = 8) throws -> ExperimentPlan {
      try self.plan(
        workshop, base: ["batch_size": .integer(batch)],
        ["vary": ["seed": .array(seeds.map { .integer($0) })], "budget": ["steps": 2]])
    }
    _ = try Experiment(plan([0]), in: place).run()
    let results = try Experiment(plan([0, 1]), in: place).run()
    #expect(results.runs.count == 2)
    let error = try #require(throws: SettingsError.self) {
      _ = try Experiment(plan([0, 1], batch: 4), in: place)
    }
    #expect("\(error)".contains("base.batch_size 8, and this plan has 4"), "\(error)")
  }

  @Test func `measures forgetting on other data`() throws {
    let workshop = try Workshop()
    let plan = try plan(
      workshop,
      [
        "vary": ["seed": [0, 1], "learning_rate": [0.03]], "budget": ["steps": 10],
        "forgetting": .string(workshop.data.appending(path: "train.jsonl").path),
      ])
    let results = try Experiment(plan, in: workshop.place("a").path).run()
    let other = try #require(results.runs[0].otherLoss)
    // These are the rows that it was trained on.
    #expect(other.after < other.before)
    #expect(
      abs(
        results.summary[0].forgetting.mean
          - SampleSummary(
            results.runs.compactMap { $0.otherLoss.map { $0.after - $0.before } }
          ).mean) < 1e-12)
  }
}
