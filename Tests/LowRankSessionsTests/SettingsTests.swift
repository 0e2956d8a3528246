import Foundation
import LowRank
import LowRankCheckpoints
import LowRankKeys
import LowRankSessions
import Testing

@Suite struct `Settings of a run` {
  @Test func `have a field for every key`() {
    #expect(Set(RunSettings.kinds.keys) == Set(RunKey.allCases))
  }

  @Test func `are the same after JSON`() throws {
    var settings = RunSettings(model: "m", data: "d", output: "a")
    settings.subject = .model
    settings.adapter.method = try MethodChoice("dora", on: .architectures)
    settings.steps.optimizer = try MethodChoice("lora-plus:ratio=8", on: .optimizers)
    settings.adapter.target = "q_proj,v_proj"
    settings.data.textColumn = ["a", "b"]
    settings.model.checks.allowed = [.rank]
    settings.steps.learningRate = 1e-5
    (settings.evalEvery, settings.noShuffle) = (7, true)
    #expect(try RunSettings(json: settings.json) == settings)
    let bytes = try JSONEncoder().encode(settings)
    #expect(try JSONDecoder().decode(RunSettings.self, from: bytes) == settings)
    #expect(
      settings.json["optimizer"] == ["name": "lora-plus", "options": ["ratio": 8]])
    #expect(RunSettings().json.keys.isEmpty)
  }

  @Test func `take lists and mappings as YAML has them`() throws {
    let settings = try RunSettings(json: [
      "target": ["q_proj", "v_proj"], "rank_pattern": ["q_proj": 4], "adam_betas": [0.9, 0.95],
      "method": ["name": "lora", "options": ["dropout": 0.1]],
    ])
    #expect(settings.adapter.target == "q_proj,v_proj")
    #expect(settings.adapter.rankPattern == "q_proj=4")
    #expect(settings.steps.adamBetas == "0.9,0.95")
    #expect(settings.adapter.method?.description == "lora:dropout=0.1")
  }

  @Test(
    arguments: [
      (["leaning_rate": 1], #"unknown key "leaning_rate"; did you mean "learning_rate"?"#),
      (["rank": "four"], #"rank is "four", expected a whole number"#),
      (["method": "lore"], "lore"), (["resume": 1], "resume is 1, expected true or false"),
    ] as [(JSONObject, String)])
  func `refuse what they do not take`(json: JSONObject, sentence: String) throws {
    let error = try #require(throws: SettingsError.self) { _ = try RunSettings(json: json) }
    #expect("\(error)".contains(sentence), "\(error)")
  }

  @Test func `are spelled by whoever shows a sentence`() {
    let text: KeyedText = "\(.maxSequenceLength) is \(3), \("not" as String) \(.rank)"
    #expect(text.description == "max_seq_length is 3, not rank")
    #expect(text.text { "--" + $0 } == "--max_seq_length is 3, not --rank")
  }

  @Test func `are spelled in every library's errors by the program around`() throws {
    let errors: [any Error] = [
      PublishingError.exists(path: "a"), Limit(), SettingsError("\(.rank) is 0"),
    ]
    let keys = [
      "a exists already; pass overwrite to replace it", "at most memory_limit", "rank is 0",
    ]
    #expect(errors.map { "\($0)" } == keys)
    let spelling = Setting.Spelling { "--" + $0.replacing("_", with: "-") }
    let flags = Setting.$spelling.withValue(spelling) {
      #expect(errors.map { Setting.keyed($0) } == keys)
      return errors.map { "\($0)" }
    }
    #expect(
      flags == [
        "a exists already; pass --overwrite to replace it", "at most --memory-limit", "--rank is 0",
      ])
  }
}

/// An error whose sentence has a setting that is not known when it is written.
private struct Limit: Error, CustomStringConvertible {
  let setting: Setting = "memory_limit"
  var description: String { "at most \(setting)" }
}
