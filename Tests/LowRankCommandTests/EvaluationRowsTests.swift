import Foundation
import LowRank
import Testing

@Suite struct `The rows of an evaluation` {
  private let workshop: Workshop

  init() throws { workshop = try Workshop() }

  /// How many rows a file has.
  private func count(_ file: String) throws -> Int {
    let text = try String(contentsOf: workshop.data.appending(path: file), encoding: .utf8)
    return text.split(separator: "\n").count
  }

  @Test func `are as many as are asked for, and the same after a stop`() throws {
    let all = try count("valid.jsonl")
    try #require(all > 3)
    let flags = workshop.training(
      into: "a", "--iters", "4", "--eval-every", "2", "--eval-rows", "3")
    let run = try Lowrank(flags)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors.contains("evaluating on 3 of \(all) rows (--eval-rows 3, chosen by --seed)"),
      "\(run.errors)")
    let loss = try #require(try run.json()["valid_loss"]?.double)
    let whole = try Lowrank(workshop.training(into: "b", "--iters", "4", "--eval-every", "2"))
    #expect(!whole.errors.contains("evaluating on"))
    #expect(try whole.json()["valid_loss"]?.double != loss)
    let again = try Lowrank(
      workshop.training(into: "c", "--iters", "4", "--eval-every", "2", "--eval-rows", "3"))
    #expect(try again.json()["valid_loss"]?.double == loss)
    let more = try Lowrank(
      workshop.training(
        into: "d", "--iters", "4", "--eval-every", "2", "--eval-rows", "\(all + 1)"))
    #expect(!more.errors.contains("evaluating on"))
    let other = try Lowrank(
      workshop.training(into: "a", "--iters", "4", "--eval-every", "2", "--resume"))
    #expect(other.status == 2 && other.errors.contains("--eval-rows 3"), "\(other.errors)")
  }

  @Test func `come from the share that training keeps, too`() throws {
    try FileManager.default.removeItem(at: workshop.data.appending(path: "valid.jsonl"))
    let run = try Lowrank(
      workshop.training(into: "a", "--iters", "2", "--valid-share", "0.2", "--eval-rows", "2"))
    #expect(run.status == 0 && run.errors.contains("evaluating on 2 of 8 rows"), "\(run.errors)")
    let none = try Lowrank(workshop.training(into: "b", "--iters", "2", "--eval-rows", "2"))
    #expect(none.status == 2)
    #expect(none.errors.contains("--eval-rows 2 has no effect: there are no rows"))
    let zero = try Lowrank(
      workshop.training(into: "b", "--iters", "2", "--valid-share", "0.2", "--eval-rows", "0"))
    #expect(zero.status == 2 && zero.errors.contains("--eval-rows is 0, expected at least 1"))
  }
}
