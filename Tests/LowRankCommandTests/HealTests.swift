import Foundation
import LowRank
import Testing

@Suite struct `Pruning by importance, and healing` {
  private func trained() throws -> Workshop {
    let workshop = try Workshop()
    let flags = workshop.training(into: "a", "--iters", "60", "--target", "all-linear")
    #expect(try Lowrank(flags).status == 0)
    return workshop
  }

  private func compress(_ workshop: Workshop, _ output: String, _ flags: String...) throws
    -> Lowrank
  {
    try Lowrank(
      [
        "compress", workshop.place("a").path, "--output", workshop.place(output).path, "--model",
        workshop.model.path, "--precision", "f32",
      ] + flags)
  }

  @Test(arguments: ["taylor", "fisher"])
  func `keeps what the loss of calibration rows asks for`(importance: String) throws {
    let workshop = try trained()
    let rows = workshop.data.appending(path: "train.jsonl").path
    let json = try compress(
      workshop, "small", "--keep", "0.5", "--importance", importance, "--calibrate", rows, "--json"
    ).json()
    #expect(json["importance"] == .string(importance) && json["rank_after"]?.integer == 14)
    let components = try #require(json["importance_components"]?.object?["components"]?.object)
    #expect(components.count == 14)
    // By size others are kept: the sums over modules are not the same.
    let plain = try compress(
      workshop, "plain", "--keep", "0.5", "--verify", "--data", rows, "--json"
    )
    .json()
    let weighed = try compress(
      workshop, "verified", "--keep", "0.5", "--importance", importance, "--calibrate", rows,
      "--verify", "--data", rows, "--json"
    ).json()
    #expect(
      try #require(weighed["loss_after"]?.double) <= (plain["loss_after"]?.double ?? 0) + 0.05)
  }

  @Test func `heals at the pruned ranks, and reports it apart`() throws {
    let workshop = try trained()
    let rows = workshop.data.appending(path: "train.jsonl").path
    let json = try compress(
      workshop, "small", "--keep", "0.25", "--heal", "60", "--heal-data", rows,
      "--heal-learning-rate", "0.01", "--verify", "--data", rows, "--json"
    ).json()
    let pruned = try #require(json["loss_after"]?.double)
    let healed = try #require(json["loss_healed"]?.double)
    #expect(healed < pruned && json["heal_steps"] == 60 && json["kl_healed"]?.double != nil)
    // What is written is the healed adapter.
    let evaluated = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--adapter", workshop.place("small").path,
      "--data", rows, "--precision", "f32", "--json"
    ).json()
    #expect(abs(try #require(evaluated["loss"]?.double) - healed) < 1e-5)
    let stored = try StoredAdapter(at: workshop.place("small"))
    #expect(stored.modules.reduce(0) { $0 + $1.rank } == json["rank_after"]?.integer)
    let text = try compress(
      workshop, "again", "--keep", "0.25", "--heal", "5", "--heal-data", rows)
    #expect(text.output.contains("healed for 5 steps"), "\(text.output)\(text.errors)")
  }

  private static let wrong: [([String], String)] = [
    (["--importance", "taylor"], "--importance needs --calibrate"),
    (["--importance", "tailor", "--calibrate", "x"], #"did you mean "taylor"?"#),
    (["--heal-data", "x"], "no effect without --heal"), (["--heal", "5"], "--heal-data"),
    (["--heal", "0", "--heal-data", "x"], "--heal is 0"),
    (["--heal", "5", "--heal-data", "x", "--sweep"], "no effect with --sweep"),
    (
      ["--heal", "5", "--heal-data", "x", "--heal-learning-rate", "0"], "expected a number above 0"
    ),
  ]

  @Test(arguments: wrong)
  func `refuses flags without effect`(flags: [String], sentence: String) throws {
    let workshop = try AdapterWorkshop()
    let answer = try Lowrank(
      [
        "compress", workshop.adapter.path, "--output", workshop.workshop.place("s").path,
        "--model", workshop.model.path,
      ] + flags)
    #expect(answer.status == 2 && answer.errors.contains(sentence), "\(answer.errors)")
  }
}
