import Foundation
import LowRank
import LowRankExperiments
import LowRankSessions
import Testing

@Suite struct `A plan of an experiment` {
  private func plan(_ text: String) throws -> ExperimentPlan {
    let place = FileManager.default.temporaryDirectory.appending(path: "plan-\(UUID()).yaml")
    try text.write(to: place, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: place) }
    return try ExperimentPlan(at: place.path)
  }

  @Test func `has the values of a run by their names in YAML`() throws {
    let plan = try plan(
      """
      base: {model: m, data: d, batch_size: 8, adam_betas: [0.9, 0.95]}
      vary:
        init: [kaiming, "pissa:niter=4", {name: eva}]
        learning_rate: [1e-3, 3e-4]
        seed: [0, 1]
      baseline: {init: kaiming}
      budget: {parameters: 300k, steps: 200}
      held_out: 0.1
      rows: {train: 100, valid: 10}
      """)
    #expect(plan.rates == [3e-4, 1e-3] && plan.seeds == [0, 1])
    #expect(plan.budget.parameters == 300_000 && plan.budget.length == .steps(200))
    #expect(plan.axes.map(\.key) == [.initialization] && plan.axes[0].values.count == 3)
    #expect(plan.metrics == [.loss] && plan.heldOut == .share(0.1) && plan.rows.train == 100)
    #expect(try ExperimentPlan(plan.json, named: "again") == plan)
  }

  private static let wrong: [(String, String)] = [
    ("bas: {}", #"unknown key "bas"; did you mean "base"?"#),
    ("model: m", #"unknown key "model"; put it under base:"#),
    ("base: {}\nlearning_rate: 1e-4", #"unknown key "learning_rate"; put it under base:"#),
    (
      "base: {leaning_rate: 1}", #"base: unknown key "leaning_rate"; did you mean "learning_rate"?"#
    ),
    ("vary: {inits: [pissa]}", #"vary has the unknown key "inits"; did you mean "init"?"#),
    ("vary: {init: [pissaa]}", "pissaa"),
    ("vary: {init: pissa}", "expected a list of values"),
    ("vary: {rank: [4, 4]}", "vary.rank has 4 twice"),
    ("base: {rank: 4}\nvary: {rank: [4, 8]}", "base and vary both have rank"),
    ("base: {adapter_path: x}", "base has adapter_path, which the experiment decides itself"),
    ("vary: {rank: [4, 8]}\nbaseline: {rank: 16}", "expected one of 4, 8"),
    ("vary: {rank: [4, 8]}\nbaseline: {init: pissa}", "which is not varied"),
    ("vary: {rank: [4, 8]}\nbudget: {parameters: 1k}", "contradicts rank in vary"),
    ("base: {epochs: 2}\nbudget: {steps: 10}", "so does epochs in base"),
    ("budget: {steps: 10, seconds: 3}", "several lengths"),
    ("budget: {parameter: 10}", #"did you mean "parameters"?"#),
    ("budget: {parameters: many}", "expected a number above 0"),
    ("metrics: [accuracy]", "expected for causal one of loss"),
    ("held_out: 1.5", "expected a share above 0 and below 1"),
    ("rows: {train: 0}", "expected at least 1"),
    ("combinations: some", "expected all or one_at_a_time"),
    ("halving: {first: 5}", "has one rate"),
    ("base: {task: classification}\nforgetting: x", "is for task causal"),
    ("[1, 2]", "expected a mapping"),
    (
      "vary: {seed: []}", "vary.seed is an empty list; give one value or more, or leave the key out"
    ),
    ("base: {rank: 4\nvary: {seed: [0]}", ".yaml, line 2: not YAML: expected \",\" or \"}\""),
  ]

  @Test(arguments: wrong)
  func `is refused with the key that is wrong`(text: String, sentence: String) throws {
    let error = try #require(throws: SettingsError.self) { _ = try plan(text) }
    #expect("\(error)".contains(sentence), "\(error)")
  }
}
