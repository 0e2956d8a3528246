import Foundation
import LowRank
import Testing

@Suite struct `Experiments on the command line` {
  private func plan(_ workshop: Workshop, _ more: String) throws -> String {
    let place = workshop.place("plan-\(UUID()).yaml")
    try """
    base: {model: \(workshop.model.path), data: \(workshop.data.path), precision: f32, batch_size: 8}
    \(more)
    """.write(to: place, atomically: true, encoding: .utf8)
    return place.path
  }

  private static let runs = """
    vary: {init: [kaiming, pissa], learning_rate: [3e-3, 3e-2], seed: [0, 1]}
    budget: {steps: 30}
    held_out: 0.25
    """

  @Test func `list runs and hours, and train nothing`() throws {
    let workshop = try Workshop()
    let path = try plan(workshop, Self.runs)
    let json = try Lowrank("experiment", path, "--dry-run", "--json").json()
    let runs = try #require(json["runs"]?.array)
    #expect(runs.count == 8 && (json["hours"]?.double ?? 0) > 0)
    let text = try Lowrank("experiment", path, "--dry-run")
    #expect(text.output.contains("8 runs, about 0.0"), "\(text.output)")
  }

  @Test func `give the same table after they were killed`() throws {
    let workshop = try Workshop()
    let path = try plan(workshop, Self.runs)
    func command(_ name: String) -> [String] {
      ["experiment", path, "--output", workshop.place(name).path, "--json"]
    }
    let whole = try Lowrank(command("whole"))
    #expect(whole.status == 0, "\(whole.errors)")
    var kills = 0
    for pause in [400_000, 500_000, 600_000, 900_000] {
      let running = try Lowrank.Running(command("parts"))
      usleep(UInt32(pause))
      guard running.process.isRunning else { break }
      kill(running.process.processIdentifier, SIGKILL)
      _ = try running.finish()
      kills += 1
    }
    #expect(kills > 0)
    let parts = try Lowrank(command("parts"))
    #expect(parts.status == 0, "\(parts.errors)")
    func table(_ answer: Lowrank) throws -> [JSONObject] {
      try #require(answer.json()["summary"]?.array).map { row in
        var row = try #require(row.object)
        row["seconds"] = nil
        return row
      }
    }
    #expect(try table(parts) == table(whole))
    let again = try Lowrank(["experiment", path, "--output", workshop.place("parts").path])
    #expect(again.status == 0 && !again.errors.contains("run 1 of"), "\(again.errors)")
    #expect(again.output.contains("p (Holm)"))
    // The runs are in the run store as any others are.
    let record = try JSONFile(at: workshop.place("whole").appending(path: "results.json"))
    #expect(try record.array("runs").count == 8)
  }

  /// With one seed a difference is all that there is to say.
  @Test func `print no interval and no significance of one seed, and say what gives them`() throws {
    let workshop = try Workshop()
    func summary(_ seeds: String, _ ranks: String = "[1, 2]") throws -> String {
      let path = try plan(workshop, "vary: {rank: \(ranks), seed: \(seeds)}\nbudget: {steps: 2}")
      let answer = try Lowrank("experiment", path, "--output", workshop.place("\(UUID())").path)
      #expect(answer.status == 0, "\(answer.errors)")
      return answer.output
    }
    let one = try summary("[0]")
    #expect(!one.contains("[, ]") && !one.contains("significantly"), "\(one)")
    #expect(one.contains("takes two seeds or more, as vary: {seed: [0, 1, 2]}"), "\(one)")
    let two = try summary("[0, 1]")
    #expect(two.contains("Holm's correction") && !two.contains("takes two seeds"), "\(two)")
    // Nothing is compared with a baseline alone.
    let alone = try summary("[0, 1]", "[1]")
    #expect(!alone.contains("Holm's correction"), "\(alone)")
  }

  @Test func `refuse other data that cannot be read before they train`() throws {
    let workshop = try Workshop()
    try workshop.write(#"{"words": "a"}"#, to: workshop.root, "odd.jsonl")
    for (name, problem) in [
      ("none.jsonl", "there is no such file"), ("odd.jsonl", "there is no key \"text\""),
    ] {
      let path = workshop.place(name).path
      let plan = try plan(
        workshop, "vary: {rank: [1, 2]}\nbudget: {steps: 1}\nforgetting: \(path)")
      for flags in [["--dry-run"], ["--output", workshop.place("a").path]] {
        let answer = try Lowrank(["experiment", plan] + flags)
        #expect(answer.status == 1, "\(answer.errors)")
        #expect(answer.errors.contains("error: forgetting: \(path)"), "\(answer.errors)")
        #expect(answer.errors.contains(problem), "\(answer.errors)")
      }
      #expect(!FileManager.default.fileExists(atPath: workshop.place("a/runs").path))
      try FileManager.default.removeItem(at: workshop.place("a"))
    }
  }

  /// Rows that are divided lie in a temporary folder then, which is gone when the sentence is read.
  @Test func `name the data of the plan in a dry run`() throws {
    let workshop = try Workshop()
    let long = #"{"text": "\#(String(repeating: "a", count: 60))"}"#
    try workshop.write(
      Array(repeating: long, count: 12).joined(separator: "\n"), to: workshop.data, "train.jsonl")
    let temporary = FileManager.default.temporaryDirectory.path + "/lowrank-experiment"
    let path = try plan(
      workshop, "vary: {init: [kaiming, pissa]}\nbudget: {steps: 1, parameters: 500}\nheld_out: 0.5"
    )
    let shown = try Lowrank("experiment", path, "--dry-run")
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(!(shown.output + shown.errors).contains(temporary), "\(shown.errors)")
    #expect(shown.errors.contains("\(workshop.data.path) (train)"), "\(shown.errors)")
    try workshop.write(
      Array(repeating: #"{"words": "a"}"#, count: 12).joined(separator: "\n"), to: workshop.data,
      "train.jsonl")
    let refused = try Lowrank("experiment", path, "--dry-run")
    #expect(refused.status == 2 && !refused.errors.contains(temporary), "\(refused.errors)")
    #expect(refused.errors.contains("\(workshop.data.path) (train), line 1: there is no key"))
  }

  @Test func `say how a damaged record is made anew, and make it`() throws {
    let workshop = try Workshop()
    let path = try plan(workshop, "vary: {seed: [0, 1]}\nbudget: {steps: 2}")
    let folder = workshop.place("a")
    let command = ["experiment", path, "--output", folder.path, "--json"]
    let whole = try Lowrank(command)
    #expect(whole.status == 0, "\(whole.errors)")
    let records = folder.appending(path: "records")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: records.path).first)
    for text in ["{\"name\": ", "{}"] {
      try workshop.write(text, to: records, name)
      let refused = try Lowrank(command)
      #expect(refused.status == 1 && refused.errors.contains(name), "\(refused.errors)")
      #expect(refused.errors.contains("the file is damaged; remove it, and the same command"))
    }
    try FileManager.default.removeItem(at: records.appending(path: name))
    let again = try Lowrank(command)
    #expect(again.status == 0, "\(again.errors)")
    func losses(_ answer: Lowrank) throws -> [Double?] {
      try #require(answer.json()["runs"]?.array).map { $0.object?["valid_loss"]?.double }
    }
    #expect(try losses(again) == losses(whole))
    try workshop.write("{", to: folder, "experiment.json")
    #expect(try Lowrank(command).errors.contains("damaged; choose another folder"))
  }

  @Test func `record their runs in the run store`() throws {
    let workshop = try Workshop()
    let path = try plan(workshop, "vary: {seed: [0, 1]}\nbudget: {steps: 2}")
    let store = workshop.place("runs.sqlite").path
    let answer = try Lowrank(
      ["experiment", path, "--output", workshop.place("a").path],
      environment: ["LOWRANK_RUNS": store])
    #expect(answer.status == 0, "\(answer.errors)")
    let list = try Lowrank("runs", "list", "--store", store, "--json").json()
    #expect(list["runs"]?.array?.count == 2)
  }

  private static let wrong: [(String, String)] = [
    ("vary: {inits: [pissa]}", #"did you mean "init"?"#),
    ("vary: {method: [lora, vera], init: [kaiming, pissa]}", "vera"),
    ("budget: {parameters: 10}", "at rank 1"),
    ("vary: {rank: [0, 1]}", "rank is 0"),
  ]

  @Test(arguments: wrong)
  func `refuse what cannot be before they train, with exit code 2`(
    text: String, sentence: String
  ) throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      "experiment", try plan(workshop, text), "--output", workshop.place("a").path)
    #expect(answer.status == 2 && answer.errors.contains(sentence), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("a/runs").path))
  }

  @Test func `refuse a folder of other files, and go without one only for a dry run`() throws {
    let workshop = try Workshop()
    let path = try plan(workshop, "vary: {rank: [1, 2]}")
    let answer = try Lowrank("experiment", path, "--output", workshop.data.path)
    #expect(answer.status == 2 && answer.errors.contains("holds other files"), "\(answer.errors)")
    #expect(try Lowrank("experiment", path).errors.contains("--output DIR is missing"))
    #expect(try Lowrank("experiment").errors.contains("PLAN is missing"))
    let absent = try Lowrank("experiment", "nowhere.yaml", "--dry-run")
    #expect(absent.status == 1 && absent.errors.contains("there is no such file"))
  }

  /// The example is a plan as it stands, but for its places.
  @Test func `have an example with every key`() throws {
    var folder = URL(filePath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    let text = try String(
      contentsOf: folder.appending(path: "Examples/experiment.yaml"), encoding: .utf8)
    let workshop = try Workshop()
    let place = workshop.place("plan.yaml")
    try text.replacing("models/smollm", with: workshop.model.path)
      .replacing("data/e2e", with: workshop.data.path)
      .replacing("parameters: 300k", with: "parameters: 3k")
      .replacing("held_out: test", with: "held_out: 0.2")
      .write(to: place, atomically: true, encoding: .utf8)
    let answer = try Lowrank("experiment", place.path, "--dry-run", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(try answer.json()["runs"]?.array?.count == 5 * 3 * 3)
  }
}
