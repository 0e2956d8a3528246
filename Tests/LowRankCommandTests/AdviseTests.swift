import Foundation
import LowRank
import Testing

@Suite struct `Advice` {
  private func advise(_ workshop: Workshop, _ more: String...) throws -> Lowrank {
    try Lowrank(
      [
        "advise", "--model", workshop.model.path, "--data", workshop.data.path, "--precision",
        "f32", "--adapter-path", workshop.place("advised").path,
      ] + more)
  }

  @Test func `has a reason and a source for each choice, and a file that trains as printed`() throws
  {
    let workshop = try Workshop()
    let json = try advise(workshop, "--json").json()
    #expect(json["target"] == "all-linear" && json["method"] == "lora")
    #expect((json["bytes"]?.integer ?? 0) > 0 && (json["seconds"]?.double ?? 0) > 0)
    let reasons = try #require(json["reasons"]?.array).compactMap(\.object)
    for choice in [
      "task", "target", "method", "rank", "alpha", "learning_rate", "batch_size", "epochs",
      "quantize",
    ] {
      let reason = try #require(
        reasons.first { $0["choice"]?.string?.hasPrefix(choice) == true }, "\(choice)")
      #expect(reason["reason"]?.string?.isEmpty == false)
      #expect(reason["source"]?.string?.isEmpty == false)
    }
    let file = workshop.place("run.yaml")
    try #require(json["yaml"]?.string).write(to: file, atomically: true, encoding: .utf8)
    let run = try Lowrank("train", "-c", file.path, "--json")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try run.json()["valid_loss"]?.double != nil)
    let config = try JSONFile(at: workshop.place("advised/adapter_config.json"))
    #expect(config["r"] == json["rank"] && config["lora_alpha"]?.double == json["alpha"]?.double)
  }

  @Test func `prints a file for train, with the reasons as comments`() throws {
    let workshop = try Workshop()
    let advice = try advise(workshop)
    #expect(advice.status == 0, "\(advice.errors)")
    #expect(advice.output.contains("# rank ") && advice.output.contains("#   ["))
    let file = workshop.place("run.yaml")
    try advice.output.write(to: file, atomically: true, encoding: .utf8)
    let run = try Lowrank("train", "-c", file.path, "--json")
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test func `keeps to parameters and time`() throws {
    let workshop = try Workshop()
    let free = try advise(workshop, "--json").json()
    let few = try advise(workshop, "--json", "--parameters", "1k").json()
    #expect(few["rank"]?.integer ?? 99 < free["rank"]?.integer ?? 0)
    let short = try advise(workshop, "--json", "--time", "0.01s").json()
    #expect(short["epochs"]?.double ?? 99 < free["epochs"]?.double ?? 0)
  }

  @Test func `knows classifiers by model and columns`() throws {
    let workshop = try ClassifierWorkshop()
    let json = try Lowrank(
      "advise", "--model", workshop.model.path, "--data", workshop.data.path, "--precision",
      "f32", "--adapter-path", workshop.place("advised").path, "--json"
    ).json()
    #expect(try #require(json["yaml"]?.string).contains("task: classification"))
    #expect(try #require(json["yaml"]?.string).contains("learning_rate"))
    // Nobody has measured rates of this family: the experiment to find out is named.
    let reasons = try #require(json["reasons"]?.array).compactMap(\.object)
    #expect(reasons.contains { $0["source"]?.string?.contains("vary: {learning_rate") == true })
  }

  @Test func `takes the learning rate of a probe`() throws {
    let workshop = try Workshop()
    let json = try advise(workshop, "--json", "--probe", "3s").json()
    let reason = try #require(json["reasons"]?.array).compactMap(\.object).first {
      $0["choice"]?.string?.hasPrefix("learning_rate") == true
    }
    #expect(reason?["source"]?.string?.hasPrefix("probe on this machine") == true)
    #expect(reason?["reason"]?.string?.contains("validation loss") == true)
    let refused = try advise(workshop, "--probe", "0.0001s")
    #expect(refused.status == 2 && refused.errors.contains("too short"), "\(refused.errors)")
  }

  @Test func `names its own flag of memory`() throws {
    let workshop = try Workshop()
    for (memory, expected) in [
      ("much", "--memory is \"much\", expected a size of at least 1MB"),
      ("2MB", "or more, which leaves a margin of 2 % and 4 MB"),
    ] {
      let refused = try advise(workshop, "--memory", memory)
      #expect(refused.status == 2 && refused.errors.contains(expected), "\(refused.errors)")
      #expect(refused.errors.contains("--memory "))
      #expect(!refused.errors.contains("limit \"") && !refused.errors.contains("memory_limit"))
      #expect(!refused.errors.contains("--memory-limit"), "\(refused.errors)")
      #expect(refused.errors.contains("--max-seq-length") == (memory == "2MB"))
    }
  }

  private static let wrong = [
    ["--time", "soon"], ["--probe", "0s"], ["--parameters", "0"], ["--memory", "much"],
    ["--task", "guess"],
  ]

  @Test(arguments: wrong)
  func `refuses what it does not understand`(flags: [String]) throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      ["advise", "--model", workshop.model.path, "--data", workshop.data.path] + flags)
    #expect(answer.status == 2, "\(answer.errors)")
  }
}
