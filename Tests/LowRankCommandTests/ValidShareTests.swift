import Foundation
import LowRank
import Testing

@Suite struct `Rows kept for evaluation` {
  private let share = ["--valid-share", "0.1", "--epochs", "1"]

  /// A workshop without rows to evaluate on.
  private func workshop() throws -> Workshop {
    let workshop = try Workshop()
    try FileManager.default.removeItem(at: workshop.data.appending(path: "valid.jsonl"))
    return workshop
  }

  @Test func `are counted, in the check as in the run`() throws {
    let workshop = try workshop()
    let run = try Lowrank(workshop.training(into: "a") + share)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.errors.contains("36 rows to train on, 4 to evaluate on (--valid-share 0.1)"),
      "\(run.errors)")
    let json = try run.json()
    #expect(json["steps"] == 9 && json["valid_loss"]?.double != nil)
    let check = try Lowrank(
      "data", "check", "--model", workshop.model.path, "--data", workshop.data.path,
      "--valid-share", "0.1", "--json")
    let files = try #require(try check.json()["files"]?.array).compactMap(\.object)
    #expect(files.map { $0["kept"] } == [36, 4])
    let pretraining = try Lowrank(
      [
        "pretrain", "--model", workshop.model.path, "--data", workshop.data.path, "--output",
        workshop.place("m").path, "--json",
      ] + share)
    #expect(pretraining.status == 0, "\(pretraining.errors)")
    #expect(try pretraining.json()["valid_loss"]?.double != nil)
  }

  @Test(arguments: [
    ["--eval-every", "2"], ["--eval-every", "2", "--patience", "3"], ["--metric", "loss"],
  ])
  func `are asked for where evaluations would have none`(flags: [String]) throws {
    let workshop = try workshop()
    let refused = try Lowrank(workshop.training(into: "a", "--iters", "4") + flags)
    #expect(refused.status == 2)
    #expect(
      refused.errors.contains(
        "has no effect: there are no rows to evaluate on; --valid-share 0.1 keeps a tenth"),
      "\(refused.errors)")
    let file = workshop.place("run.yaml")
    try "eval_every: 2\n".write(to: file, atomically: true, encoding: .utf8)
    let filed = try Lowrank(workshop.training(into: "a", "--iters", "4", "-c", file.path))
    #expect(filed.status == 2)
    #expect(
      filed.errors.contains("--eval-every 2 has no effect: there are no rows"), "\(filed.errors)")
    let kept = try Lowrank(
      workshop.training(into: "a", "--iters", "4", "--valid-share", "0.1") + flags
        + (flags[0] == "--metric" ? ["--eval-every", "2"] : []))
    #expect(kept.status == 0, "\(kept.errors)")
  }

  @Test func `are the same after a stop, and another share or file is refused`() throws {
    let workshop = try workshop()
    let flags = workshop.training(into: "a", "--save-every", "3") + share
    #expect(try Lowrank(flags).status == 0)
    let again = try Lowrank(flags + ["--resume"])
    #expect(again.status == 0 && again.errors.contains("the run is finished"), "\(again.errors)")
    let other = try Lowrank(
      workshop.training(into: "a", "--valid-share", "0.2", "--epochs", "1", "--resume"))
    #expect(other.status == 2)
    #expect(
      other.errors.contains(
        "the run began with --valid-share 0.1, and this command has --valid-share 0.2"),
      "\(other.errors)")
    // A row that only the evaluation reads is changed: the losses would no longer be comparable.
    let check = try Lowrank(
      "data", "check", "--model", workshop.model.path, "--data", workshop.data.path,
      "--valid-share", "0.1", "--json")
    let row = try #require(
      try check.json()["files"]?.array?.last?.object?["longest"]?.array?.first?.object?["row"]?
        .integer)
    let url = workshop.data.appending(path: "train.jsonl")
    var lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
    lines[row - 1] = "{\"text\": \"changed\"}"
    try (lines.joined(separator: "\n") + "\n").write(to: url, atomically: true, encoding: .utf8)
    let changed = try Lowrank(flags + ["--resume"])
    #expect(
      changed.status == 2
        && changed.errors.contains("keeps for evaluation are not those of the run"),
      "\(changed.errors)")
  }

  @Test func `are those that evaluate reads with the same flags`() throws {
    let workshop = try workshop()
    let run = try Lowrank(workshop.training(into: "a", "--seed", "7") + share)
    let expected = try #require(try run.json()["valid_loss"]?.double)
    func loss(_ seed: String, _ more: [String] = []) throws -> Double? {
      let answer = try Lowrank(
        [
          "evaluate", "--model", workshop.model.path, "--adapter", workshop.place("a").path,
          "--data", workshop.data.path, "--valid-share", "0.1", "--seed", seed, "--precision",
          "f32", "--json",
        ] + more)
      #expect(answer.status == 0, "\(answer.errors)")
      #expect(answer.errors.contains("evaluating on 4 of 40 rows (--valid-share 0.1)"))
      return try answer.json()["loss"]?.double
    }
    #expect(abs(try #require(try loss("7")) - expected) < 1e-6)
    #expect(abs(try #require(try loss("8")) - expected) > 1e-6)
    let classes = try ClassifierWorkshop()
    try FileManager.default.removeItem(at: classes.data.appending(path: "valid.tsv"))
    let trained = try Lowrank(
      classes.training(into: "a", "--iters", "4", "--valid-share", "0.2"))
    let answer = try classes.ask(
      "evaluate", classes.place("a"), "--data", classes.data.path, "--valid-share", "0.2")
    #expect(answer.status == 0, "\(answer.errors)")
    let losses = [try trained.json()["valid_loss"]?.double, try answer.json()["loss"]?.double]
    #expect(abs((losses[0] ?? 0) - (losses[1] ?? 1)) < 1e-6, "\(losses)")
    #expect(try answer.json()["rows"] == 12, "\(answer.output)")
    let both = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--data", workshop.data.path, "--valid-share", "2"
    )
    #expect(both.status == 2 && both.errors.contains("--valid-share is 2.0, expected a share"))
  }

  @Test func `of classes keep their shares, and may be said in a run's file`() throws {
    let workshop = try ClassifierWorkshop()
    try FileManager.default.removeItem(at: workshop.data.appending(path: "valid.tsv"))
    try workshop.write("valid_share: 0.2\niters: 2\n", to: workshop.root, "run.yaml")
    let run = try Lowrank(
      workshop.training(into: "a", "-c", workshop.place("run.yaml").path))
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("48 rows to train on, 12 to evaluate on"), "\(run.errors)")
    #expect(try run.json()["valid_accuracy"]?.double != nil)
    let check = try Lowrank(
      "data", "check", "--model", workshop.model.path, "--data", workshop.data.path, "--task",
      "classification", "--valid-share", "0.2", "--json")
    let files = try #require(try check.json()["files"]?.array).compactMap(\.object)
    for name in ClassifierWorkshop.classes {
      let counts = files.map { $0["labels"]?.object?[name]?.double ?? .nan }
      #expect(abs(counts[1] - 0.2 * (counts[0] + counts[1])) < 1, "\(name): \(counts)")
    }
  }

  @Test(arguments: [
    (["--valid-share", "1"], 2, "--valid-share is 1.0, expected a share above 0 and below 1"),
    (["--valid-share", "-0.1"], 2, "--valid-share is -0.1"),
    (
      ["--valid-share", "0.1", "--valid-file", "x.jsonl"], 2,
      "--valid-share has no effect: x.jsonl holds rows to evaluate on; leave one of them out"
    ),
    (
      ["--train-split", "a", "--train-file", "b"], 2, "--train-file contradicts --train-split"
    ),
    (["--valid-split", "a"], 1, "there is no split \"a\"; the splits are train"),
  ])
  func `are refused where they make no sense`(flags: [String], status: Int, sentence: String)
    throws
  {
    let workshop = try workshop()
    let run = try Lowrank(workshop.training(into: "a", "--iters", "1") + flags)
    #expect(run.status == Int32(status) && run.errors.contains(sentence), "\(run.errors)")
  }
}
