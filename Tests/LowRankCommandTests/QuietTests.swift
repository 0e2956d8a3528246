import Foundation
import LowRank
import Testing

@Suite struct `The flag --quiet` {
  @Test func `is known to every verb`() throws {
    for verb in [
      ["train"], ["pretrain"], ["evaluate"], ["predict"], ["generate"], ["score"], ["embed"],
      ["merge"], ["compress"], ["analyze"], ["diff"], ["combine"], ["convert", "adapter-files"],
      ["convert", "config"], ["extract"], ["pull"], ["push"], ["inspect"], ["data", "check"],
      ["runs", "list"], ["runs", "show"], ["runs", "compare"], ["runs", "export"],
      ["runs", "remove"], ["watch"], ["serve"], ["chat"], ["bench", "train"], ["demo"],
    ] {
      let help = try Lowrank(verb + ["--help"])
      #expect(help.status == 0 && help.output.contains("--quiet"), "\(verb)")
    }
  }

  @Test func `leaves results, without notes and progress`() throws {
    let workshop = try Workshop()
    let flags = ["evaluate", "--model", workshop.model.path, "--data", workshop.data.path]
    let atOnce = ["LOWRANK_PROGRESS_DELAY": "0"]
    let answer = try Lowrank(flags + ["--quiet"], environment: atOnce)
    #expect(answer.status == 0 && answer.errors.isEmpty, "\(answer.errors)")
    #expect(answer.output.hasPrefix("loss "))
    let shown = try PseudoTerminal(
      flags + ["--quiet"], columns: 80, streams: [.errors], environment: atOnce)
    #expect(shown.status == 0 && shown.text.isEmpty, "\(shown.text)")
    let training = try PseudoTerminal(
      workshop.training(into: "a", "--iters", "2", "--quiet"), columns: 80, streams: [.errors])
    #expect(training.status == 0 && training.text.isEmpty, "\(training.text)")
  }

  @Test func `leaves warnings and errors`() throws {
    let workshop = try Workshop()
    try FileManager.default.copyItem(
      at: workshop.data.appending(path: "valid.jsonl"),
      to: workshop.data.appending(path: "more.jsonl"))
    let answer = try Lowrank(workshop.training(into: "a", "--iters", "1", "--quiet"))
    #expect(answer.status == 0)
    let lines = answer.errors.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].hasPrefix("warning: "), "\(answer.errors)")
    let failed = try Lowrank("evaluate", "--model", "/nowhere", "--data", "/nowhere", "--quiet")
    #expect(failed.status == 1 && failed.errors.hasPrefix("error: "), "\(failed.errors)")
  }
}

@Suite struct `Colours` {
  private static let failure = ["evaluate", "--model", "/nowhere", "--data", "/nowhere"]

  @Test func `mark errors and warnings on a terminal`() throws {
    let failed = try PseudoTerminal(Self.failure, columns: 80)
    #expect(failed.text.hasPrefix("\u{1b}[31merror:\u{1b}[0m "), "\(failed.text)")
    let workshop = try Workshop()
    try FileManager.default.copyItem(
      at: workshop.data.appending(path: "valid.jsonl"),
      to: workshop.data.appending(path: "more.jsonl"))
    let shown = try PseudoTerminal(
      workshop.training(into: "a", "--iters", "1", "--eval-every", "1"), columns: 80)
    #expect(shown.text.contains("\u{1b}[33mwarning:\u{1b}[0m "), "\(shown.text)")
  }

  @Test func `are not for pipes, dumb terminals, or those who want none`() throws {
    #expect(try Lowrank(Self.failure).errors.hasPrefix("error: "))
    for environment in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
      let failed = try PseudoTerminal(Self.failure, columns: 80, environment: environment)
      #expect(failed.text.hasPrefix("error: "), "\(failed.text)")
    }
  }
}
