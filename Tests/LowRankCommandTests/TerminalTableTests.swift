import Foundation
import LowRank
import LowRankRuns
import Testing

@Suite struct `Results on a terminal` {
  @Test(arguments: [UInt16(40), 60, 120, 200])
  func `fit the width`(columns: UInt16) throws {
    let workshop = try Workshop()
    let trained = try Lowrank(
      workshop.training(
        into: "a", "--iters", "4", "--store", workshop.place("runs.sqlite").path))
    #expect(trained.status == 0, "\(trained.errors)")
    let adapter = workshop.place("a").path
    for arguments in [
      ["analyze", adapter, "--model", workshop.model.path], ["inspect", adapter, "--tensors"],
      ["inspect", workshop.model.path],
      ["compress", adapter, "--output", workshop.place("b").path, "--uniform", "1", "--overwrite"],
    ] {
      let shown = try PseudoTerminal(arguments, columns: columns, streams: [.output])
      #expect(shown.status == 0)
      for line in shown.lines {
        #expect(PseudoTerminal.columns(of: line) <= Int(columns), "\(line)")
      }
    }
    for arguments in [
      ["methods"], ["methods", "dora"],
      ["data", "check", "--model", workshop.model.path, "--data", workshop.data.path],
      ["runs", "list"],
    ] {
      let shown = try PseudoTerminal(
        arguments, columns: columns, streams: [.output],
        environment: ["LOWRANK_RUNS": workshop.place("runs.sqlite").path])
      #expect(shown.status == 0 && !shown.lines.isEmpty, "\(arguments)")
      for line in shown.lines {
        #expect(PseudoTerminal.columns(of: line) <= Int(columns), "\(line)")
      }
    }
    let shown = try PseudoTerminal(["analyze", adapter], columns: columns, streams: [.output])
    #expect(shown.text.contains("imbalance"))
    // A pipe has no width: names are whole.
    let piped = try Lowrank("analyze", adapter).output
    #expect(piped.contains("model.layers.0.self_attn.q_proj  "), "\(piped)")
  }

  @Test(arguments: [["--color", "never"], ["--color", "always"]])
  func `show the tokens of long rows within the width`(flags: [String]) throws {
    let workshop = try Workshop()
    let text = String(repeating: "ab ", count: 40)
    try workshop.write("{\"text\": \"\(text)\"}\n", to: workshop.data, "train.jsonl")
    let shown = try PseudoTerminal(
      ["data", "check", "--model", workshop.model.path, "--data", workshop.data.path] + flags,
      columns: 40, streams: [.output])
    #expect(shown.status == 0 && shown.lines.count > 8)
    for line in shown.lines {
      #expect(PseudoTerminal.columns(of: line) <= 40, "\(line)")
    }
  }

  @Test func `show the classes of an evaluation`() throws {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    let arguments = [
      "evaluate", "--model", workshop.model.path, "--adapter", adapter.path, "--data",
      workshop.data.path, "--precision", "f32",
    ]
    let piped = try Lowrank(arguments).output.split(separator: "\n")
    #expect(piped.contains { $0.hasPrefix("(macro") } && piped.contains { $0.hasPrefix("class ") })
    let shown = try PseudoTerminal(arguments, columns: 40, streams: [.output])
    for line in shown.lines.dropFirst() where line != "" && !line.contains("taken for") {
      #expect(PseudoTerminal.columns(of: line) <= 40, "\(line)")
    }
    for word in ["precision", "recall", "f1", "rows"] { #expect(shown.text.contains(word)) }
  }

  @Test(arguments: [UInt16(40), 60, 120, 200])
  func `compare runs without their classes`(columns: UInt16) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "runs-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let place = folder.appending(path: "runs.sqlite")
    let store = try RunStore(at: place)
    for number in 1...2 {
      let map = (0..<50).map { "\"\($0)\": \"class \($0) of run \(number)\"" }
        .joined(separator: ", ")
      let run = try store.begin(
        RunFacts(
          adapter: folder.appending(path: "adapter-with-a-long-name-\(number)").path,
          task: "classification", base: "models/minilm",
          data: "/data/a/folder/that/lies/deep/below/others/run-\(number)/train.jsonl",
          dataHash: "cd34",
          configuration: #"{"rank": \#(number), "task": {"id2label": {\#(map)}}}"#,
          versions: "{}", steps: 4))
      try store.record(["loss": 1], step: 1, of: run)
      try store.end(run, .finished)
    }
    let arguments = ["runs", "compare", "1", "2", "--store", place.path]
    let piped = try Lowrank(arguments)
    #expect(!piped.output.contains("id2label"), "\(piped.output)")
    #expect(piped.output.contains("deep/below/others/run-2/train.jsonl"))
    #expect(piped.errors == "note: the classes differ too; --json lists them\n")
    let json = try Lowrank(arguments + ["--json"]).json()
    #expect(json["differences"]?.object?.keys.contains("task.id2label.7") == true)
    for arguments in [arguments, ["runs", "list", "--store", place.path]] {
      let shown = try PseudoTerminal(arguments, columns: columns, streams: [.output])
      #expect(shown.status == 0 && shown.text.contains("finished") || arguments[1] == "compare")
      for line in shown.lines {
        #expect(PseudoTerminal.columns(of: line) <= Int(columns), "\(line)")
      }
    }
  }
}
