import Foundation
import LowRank
import LowRankSessions
import LowRankWorkshop
import Synchronization
import Testing

@Suite struct `A run that learns preferences` {
  private static let pairs = (0..<12).map { row in
    let letters = ["abc", "cab", "bca"][row % 3]
    return
      #"{"prompt": "\#(letters)", "chosen": " \#(letters)", "rejected": " c\#(["x", "yz"][row % 2])a"}"#
  }
  private static let singles = (0..<12).map { row in
    let letters = ["abc", "cab", "bca", "xyz"][row % 4]
    return #"{"prompt": "\#(letters)", "completion": " \#(letters)", "label": \#(row % 3 != 0)}"#
  }

  private func settings(
    _ workshop: Workshop, _ name: String, _ objective: String
  ) throws -> RunSettings {
    let data = workshop.place("pairs-\(objective)")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    let rows = objective == "kto" ? Self.singles : Self.pairs
    for (file, lines) in [("train", rows), ("valid", Array(rows.prefix(6)))] {
      try lines.joined(separator: "\n").write(
        to: data.appending(path: "\(file).jsonl"), atomically: true, encoding: .utf8)
    }
    var settings = RunSettings(
      model: workshop.model.path, data: data.path, output: workshop.place(name).path)
    settings.objective.objective = objective
    settings.model.precision = "f32"
    settings.adapter.rank = 2
    (settings.steps.learningRate, settings.steps.iters) = (0.01, 9)
    (settings.steps.batchSize, settings.steps.gradAccumulation) = (2, 2)
    (settings.evalEvery, settings.resume) = (4, true)
    settings.records.noStore = true
    return settings
  }

  private func run(_ settings: RunSettings, stoppingAfter last: Int? = nil) throws -> RunSummary {
    let taken = Mutex(0)
    let around = Surroundings(isStopping: { taken.withLock { $0 == last } })
    return try TrainingSession(settings, in: around) { event in
      if case .step(let step) = event { taken.withLock { $0 = step.number } }
    }.run()
  }

  private func values(_ workshop: Workshop, _ place: String) throws -> [[Float]] {
    let file = try SafetensorsFile(
      at: workshop.place(place).appending(path: "adapter_model.safetensors"))
    return try file.tensors.map { try $0.floats() }
  }

  @Test(arguments: ["dpo", "orpo", "kto", "simpo"], [false, true])
  func `continues bit for bit where it was interrupted`(
    objective: String, isFurther: Bool
  ) throws {
    let workshop = try Workshop()
    if isFurther {
      var first = try settings(workshop, "first", objective)
      first.steps.iters = 3
      _ = try run(first)
    }
    func made(_ name: String) throws -> RunSettings {
      var settings = try settings(workshop, name, objective)
      if isFurther {
        settings.adapter = AdapterSettings()
        settings.initAdapter = workshop.place("first").path
        settings.objective.precomputeReference = objective == "dpo"
      }
      return settings
    }
    let whole = try run(made("whole"))
    #expect(throws: Interrupted.self) { _ = try run(made("parts"), stoppingAfter: 5) }
    #expect(try run(made("parts")).steps == 9)
    let numbers = try values(workshop, "whole")
    #expect(try numbers == values(workshop, "parts") && !numbers.isEmpty)
    #expect(whole.evaluation["valid_accuracy"]?.double != nil)
    #expect(whole.evaluation["valid_margin"]?.double != nil)
  }

  /// The rewards of a run that begins from an adapter are against that adapter, not the base: before the first step they are 0.
  @Test func `is measured against the adapter that it began from`() throws {
    let workshop = try Workshop()
    var first = try settings(workshop, "first", "dpo")
    first.steps.learningRate = 0.1
    _ = try run(first)
    var further = try settings(workshop, "further", "dpo")
    further.adapter = AdapterSettings()
    further.initAdapter = workshop.place("first").path
    let steps = Mutex<[TrainingStep]>([])
    _ = try TrainingSession(further) { event in
      if case .step(let step) = event { steps.withLock { $0.append(step) } }
    }.run()
    let taken = steps.withLock { $0 }
    #expect(abs(taken[0].loss - 0.693147) < 1e-5)
    #expect(taken[0].preferences?.margin == 0)
    #expect(try #require(taken.last?.preferences?.margin) > 0)
  }

  @Test func `has the same steps where the reference scored all rows before, up to rounding`()
    throws
  {
    let workshop = try Workshop()
    for name in ["now", "before"] {
      var settings = try settings(workshop, name, "dpo")
      settings.objective.precomputeReference = name == "before"
      _ = try run(settings)
    }
    let (now, before) = (try values(workshop, "now"), try values(workshop, "before"))
    for (a, b) in zip(now.joined(), before.joined()) { #expect(abs(a - b) < 1e-4) }
    #expect(!now.isEmpty)
  }

  @Test(arguments: [
    ("beta", #""beta": 0.2"#, "beta has no effect without objective"),
    ("objective", #""objective": "ppo""#, "objective is \"ppo\", expected"),
    (
      "loss", #""objective": "orpo", "loss_type": "ipo""#,
      "loss_type has no effect with objective orpo"
    ),
    ("type", #""objective": "dpo", "loss_type": "kto""#, "loss_type is \"kto\", expected"),
    ("negative", #""objective": "dpo", "beta": -1.0"#, "beta is -1.0, expected a number above 0"),
    (
      "gamma", #""objective": "dpo", "simpo_gamma": 1.0"#,
      "simpo_gamma has no effect with objective dpo"
    ),
    (
      "weight", #""objective": "dpo", "desirable_weight": 1.0"#,
      "desirable_weight has no effect with objective dpo"
    ),
    (
      "known", #""objective": "orpo", "precompute_reference": true"#,
      "precompute_reference has no effect with objective orpo"
    ),
    (
      "smoothing", #""objective": "kto", "label_smoothing": 0.1"#,
      "label_smoothing has no effect with objective kto"
    ),
    (
      "ipo", #""objective": "dpo", "loss_type": "ipo", "label_smoothing": 0.1"#,
      "label_smoothing has no effect with objective dpo with ipo"
    ),
    (
      "half", #""objective": "dpo", "label_smoothing": 0.5"#,
      "label_smoothing is 0.5, expected below 0.5 with objective dpo"
    ),
    (
      "single", #""objective": "kto", "batch_size": 1"#,
      "batch_size is 1, expected at least 2 with objective kto"
    ),
    (
      "task", #""objective": "dpo", "task": "classification""#,
      "objective dpo contradicts task classification"
    ),
    (
      "text", #""objective": "dpo", "text_column": ["x"]"#,
      "text_column has no effect with objective dpo"
    ),
    (
      "turns", #""objective": "dpo", "train_on": "last""#,
      "train_on has no effect with objective dpo"
    ),
    (
      "metric", #""objective": "dpo", "metric": "f1""#,
      "metric is \"f1\", expected for dpo one of loss, accuracy"
    ),
  ])
  func `refuses settings that make no sense, before anything is read`(
    name: String, json: String, expected: String
  ) throws {
    let text = #"{"model": "nowhere", "data": "nowhere", "adapter_path": "nowhere", \#(json)}"#
    let error = try #require(throws: SettingsError.self) {
      let json = try #require(try JSONValue(parsing: text, from: "settings").object)
      _ = try TrainingSession(RunSettings(json: json))
    }
    #expect("\(error)".contains(expected), "\(error)")
  }
}
