import Foundation
import LowRank
import Testing

@Suite struct `Progress on a terminal` {
  /// Shows work as soon as it begins, not after a second.
  private static let atOnce = ["LOWRANK_PROGRESS_DELAY": "0"]

  private static func evaluation(_ workshop: Workshop, on file: String? = nil) -> [String] {
    [
      "evaluate", "--model", workshop.model.path, "--data",
      file.map { workshop.place($0).path } ?? workshop.data.path, "--precision", "f32",
    ]
  }

  @Test(arguments: [UInt16(40), 60, 120, 200])
  func `fits the width`(columns: UInt16) throws {
    let workshop = try Workshop()
    let shown = try PseudoTerminal(
      Self.evaluation(workshop), columns: columns, environment: Self.atOnce)
    #expect(shown.status == 0, "\(shown.text)")
    let states = shown.rewritten
    #expect(states.contains { $0.contains("6 rows") || $0.contains("6/6") }, "\(states)")
    for state in states {
      #expect(PseudoTerminal.columns(of: state) < Int(columns), "\(state)")
    }
    // A wide terminal shows everything, a narrow one less.
    let isWhole = states.contains { $0.contains("evaluating \(workshop.data.path)") }
    if columns == 200 { #expect(isWhole, "\(states)") }
    if columns <= 60 { #expect(!isWhole, "\(states)") }
  }

  @Test func `follows a window that is resized while it works`() throws {
    let workshop = try Workshop()
    let shown = try PseudoTerminal(
      workshop.training(into: "a", "--iters", "300"), columns: 160, streams: [.errors],
      environment: Self.atOnce, resizedTo: 44)
    #expect(shown.status == 0, "\(shown.text)")
    // What was on its way when the window changed may still be wide.
    let states = PseudoTerminal.rewritten(in: shown.textAfterResizing).dropFirst(2)
    #expect(states.contains { $0.hasPrefix("300/300") }, "\(states)")
    for state in states { #expect(PseudoTerminal.columns(of: state) < 44, "\(state)") }
  }

  @Test func `counts wide characters twice`() throws {
    let workshop = try Workshop()
    let name = String(repeating: "数据集", count: 8) + ".jsonl"
    try FileManager.default.copyItem(
      at: workshop.data.appending(path: "valid.jsonl"), to: workshop.place(name))
    let shown = try PseudoTerminal(
      Self.evaluation(workshop, on: name), columns: 60, environment: Self.atOnce)
    #expect(shown.rewritten.contains { $0.contains("集.jsonl") }, "\(shown.rewritten)")
    for state in shown.rewritten { #expect(PseudoTerminal.columns(of: state) < 60, "\(state)") }
  }

  @Test func `takes COLUMNS for the width`() throws {
    let workshop = try Workshop()
    let shown = try PseudoTerminal(
      Self.evaluation(workshop), columns: 200,
      environment: Self.atOnce.merging(["COLUMNS": "40"]) { $1 })
    #expect(!shown.rewritten.isEmpty)
    for state in shown.rewritten { #expect(PseudoTerminal.columns(of: state) < 40, "\(state)") }
  }

  @Test func `is gone before results and errors`() throws {
    let workshop = try Workshop()
    let shown = try PseudoTerminal(
      Self.evaluation(workshop), columns: 80, environment: Self.atOnce)
    let left = shown.lines.filter { !$0.isEmpty }
    #expect(left.count == 2, "\(left)")
    #expect(left.last?.hasPrefix("loss ") == true)
    try "{\"text\": \"abc\"}\n{\"text\": true}\n".write(
      to: workshop.place("bad.jsonl"), atomically: true, encoding: .utf8)
    let failed = try PseudoTerminal(
      Self.evaluation(workshop, on: "bad.jsonl"), columns: 80, environment: Self.atOnce)
    #expect(failed.status == 1)
    #expect(failed.rewritten.contains { $0.contains("encoding") })
    let said = failed.lines.filter { !$0.isEmpty }
    #expect(said.count == 1 && said[0].hasPrefix("error: "), "\(said)")
  }

  @Test func `needs a terminal that can move its cursor`() throws {
    let workshop = try Workshop()
    let shown = try PseudoTerminal(
      Self.evaluation(workshop), columns: 80, environment: ["TERM": "dumb"])
    #expect(shown.rewritten.isEmpty && !shown.text.contains("\u{1b}"), "\(shown.text)")
  }

  @Test func `waits a second`() throws {
    let workshop = try Workshop()
    let shown = try PseudoTerminal(
      Self.evaluation(workshop), columns: 80, environment: ["LOWRANK_PROGRESS_DELAY": "1e6"])
    #expect(shown.status == 0 && shown.rewritten.isEmpty, "\(shown.text)")
  }

  @Test func `calls the loss of training smoothed`() throws {
    let workshop = try Workshop()
    let shown = try PseudoTerminal(
      workshop.training(into: "a", "--iters", "3"), columns: 60)
    #expect(shown.status == 0, "\(shown.text)")
    let steps = shown.rewritten.filter { $0.hasPrefix("step ") }
    #expect(!steps.isEmpty && steps.allSatisfy { $0.contains("smoothed loss ") }, "\(steps)")
    for state in shown.rewritten { #expect(PseudoTerminal.columns(of: state) < 60, "\(state)") }
  }
}

@Suite struct `Progress without a terminal` {
  @Test func `is silent in short work, and never on standard output`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--data", workshop.data.path, "--json",
      "--precision", "f32")
    #expect(try answer.json()["loss"]?.double != nil)
    #expect(answer.errors.split(separator: "\n").count == 1, "\(answer.errors)")
    #expect(!answer.errors.contains("\u{1b}") && !answer.errors.contains("\r"))
  }

  @Test func `is plain lines in long work, beside JSON that parses`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      [
        "evaluate", "--model", workshop.model.path, "--data", workshop.data.path, "--json",
      ], environment: ["LOWRANK_PROGRESS_DELAY": "0"])
    #expect(try answer.json()["loss"]?.double != nil)
    let lines = answer.errors.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("evaluating ") && $0.contains("6 of 6 rows") })
    #expect(!answer.errors.contains("\u{1b}") && !answer.errors.contains("\r"))
  }
}
