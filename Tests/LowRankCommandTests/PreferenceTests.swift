import Foundation
import LowRank
import Testing

@Suite struct `Training on preferences from the command line` {
  private func training(_ workshop: Workshop, _ more: String...) throws -> [String] {
    [
      "train", "--model", workshop.model.path, "--data", try workshop.pairs().path,
      "--adapter-path", workshop.place("a").path, "--rank", "2", "--batch-size", "4",
      "--learning-rate", "0.03", "--precision", "f32", "--store",
      workshop.place("runs.sqlite").path,
    ] + more
  }

  @Test func `raises the accuracy of rewards, which the run store has, too`() throws {
    let workshop = try Workshop()
    let run = try Lowrank(
      training(workshop, "--objective", "dpo", "--iters", "30", "--eval-every", "10", "--json"))
    try #require(run.status == 0, "\(run.errors)")
    let json = try run.json()
    #expect(try #require(json["valid_accuracy"]?.double) == 1)
    #expect(try #require(json["valid_margin"]?.double) > 0.05)
    #expect(try #require(json["valid_loss"]?.double) < 0.6931)
    #expect(run.errors.contains("validation accuracy 1.0000, margin "))
    #expect(run.errors.contains("accuracy 0.") || run.errors.contains("accuracy 1."))
    let shown = try Lowrank(
      "runs", "export", "1", "--json", "--store", workshop.place("runs.sqlite").path)
    for name in ["accuracy", "margin", "chosen_reward", "rejected_reward", "valid_margin"] {
      #expect(shown.output.contains("\"\(name)\""), "\(name)")
    }
    let evaluation = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--adapter", workshop.place("a").path, "--data",
      workshop.place("pairs/valid.jsonl").path, "--objective", "dpo", "--precision", "f32",
      "--json"
    ).json()
    #expect(
      abs(
        try #require(evaluation["loss"]?.double) - (try #require(json["valid_loss"]?.double)))
        < 1e-5)
    #expect(evaluation["rows"] == .integer(6))
  }

  /// The adapter keeps what it was trained with, so that an evaluation has the same loss without its flags.
  @Test func `is evaluated with the loss that it was trained with`() throws {
    let workshop = try Workshop()
    let run = try Lowrank(
      training(
        workshop, "--objective", "dpo", "--loss-type", "ipo", "--beta", "0.5", "--iters", "4",
        "--json"))
    try #require(run.status == 0, "\(run.errors)")
    func loss(_ flags: String...) throws -> Double {
      let answer = try Lowrank(
        [
          "evaluate", "--model", workshop.model.path, "--adapter", workshop.place("a").path,
          "--data", workshop.place("pairs/valid.jsonl").path, "--objective", "dpo",
          "--precision", "f32", "--json",
        ] + flags)
      try #require(answer.status == 0, "\(answer.errors)")
      return try #require(try answer.json()["loss"]?.double)
    }
    let trained = try #require(try run.json()["valid_loss"]?.double)
    #expect(abs(try loss() - trained) < 1e-4)
    #expect(abs(try loss("--loss-type", "sigmoid") - trained) > 0.01)
  }

  @Test func `is shown side by side by data check`() throws {
    let workshop = try Workshop()
    let flags = [
      "data", "check", "--model", workshop.model.path, "--data", try workshop.pairs().path,
      "--objective", "dpo", "--rows", "1",
    ]
    let shown = try Lowrank(flags)
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("chosen") && shown.output.contains("rejected"))
    #expect(shown.output.contains("train.jsonl: preference, 16 lines, 16 kept"))
    let json = try Lowrank(flags + ["--json"]).json()
    let file = try #require(json["files"]?.array?.first?.object)
    #expect(file["format"] == "preference")
    let views = try #require(file["views"]?.array)
    #expect(views.compactMap { $0.object?["label"]?.string } == ["chosen", "rejected"])
  }

  @Test func `counts the rows that would stop it, and leaves out prompts that fill the length`()
    throws
  {
    let workshop = try Workshop()
    let folder = workshop.place("odd")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try workshop.write(
      """
      {"prompt": "abc", "chosen": " x", "rejected": " y"}
      {"prompt": "abc", "chosen": " x", "rejected": " x"}
      {"prompt": "abcdefghijkl", "chosen": " x", "rejected": " y"}
      """, to: folder, "train.jsonl")
    let check = try Lowrank(
      "data", "check", "--model", workshop.model.path, "--data", folder.path, "--objective",
      "dpo", "--max-seq-length", "12", "--json")
    #expect(check.status == 1)
    let file = try #require(try check.json()["files"]?.array?.first?.object)
    #expect(file["refused"] == .integer(1) && file["kept"] == .integer(1))
    #expect(check.output.contains("the row prefers nothing; leave it out"))
    #expect(check.output.contains("the prompt alone fills 12 tokens"))
    let run = try Lowrank(
      "train", "--model", workshop.model.path, "--data", folder.path, "--adapter-path",
      workshop.place("x").path, "--objective", "dpo", "--iters", "1")
    #expect(run.status == 1)
    #expect(
      run.errors.contains(
        "train.jsonl, line 2: \"chosen\" and \"rejected\" are the same, so the row prefers nothing")
    )
    #expect(!FileManager.default.fileExists(atPath: workshop.place("x").path))
  }

  /// KTO estimates the distance from the reference of answers to other prompts, of which one row has none.
  @Test func `needs two rows for KTO, and warns of one to evaluate on`() throws {
    let workshop = try Workshop()
    let folder = workshop.place("single")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let row = #"{"prompt": "abc", "completion": " x", "label": true}"#
    try workshop.write(row, to: folder, "train.jsonl")
    func train() throws -> Lowrank {
      try Lowrank(
        "train", "--model", workshop.model.path, "--data", folder.path, "--adapter-path",
        workshop.place("x").path, "--objective", "kto", "--iters", "1", "--batch-size", "2")
    }
    let refused = try train()
    #expect(refused.status == 1, "\(refused.errors)")
    #expect(refused.errors.contains("train.jsonl: 1 row, expected at least 2 for KTO"))
    #expect(!FileManager.default.fileExists(atPath: workshop.place("x").path))
    let two = row + "\n" + row.replacing("abc", with: "bca").replacing("true", with: "false")
    try workshop.write(two, to: folder, "train.jsonl")
    let trained = try train()
    #expect(trained.status == 0 && !trained.errors.contains("warning: "), "\(trained.errors)")
    try workshop.write(two.replacing("false", with: "true"), to: folder, "train.jsonl")
    try FileManager.default.removeItem(at: workshop.place("x"))
    let alike = try train()
    #expect(
      alike.status == 0 && alike.errors.contains("every answer has the label true"),
      "\(alike.errors)")
    try workshop.write(row, to: folder, "one.jsonl")
    let evaluated = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--data", folder.path + "/one.jsonl",
      "--objective", "kto")
    #expect(evaluated.status == 0)
    #expect(evaluated.errors.contains("warning: "), "\(evaluated.errors)")
    #expect(evaluated.errors.contains("one.jsonl: 1 row, expected at least 2 for KTO"))
    #expect(evaluated.errors.contains("without --adapter the model is its own reference"))
  }

  @Test func `warns of another reference than that of the training, and names it`() throws {
    let workshop = try Workshop()
    _ = try Lowrank(workshop.training(into: "first", "--iters", "3"))
    let first = workshop.place("first").path
    let run = try Lowrank(
      [
        "train", "--model", workshop.model.path, "--data", try workshop.pairs().path,
        "--adapter-path", workshop.place("a").path, "--init-adapter", first, "--objective", "dpo",
        "--iters", "3", "--batch-size", "4", "--learning-rate", "0.03", "--precision", "f32",
        "--json",
      ])
    try #require(run.status == 0, "\(run.errors)")
    func evaluate(_ flags: String...) throws -> Lowrank {
      try Lowrank(
        [
          "evaluate", "--model", workshop.model.path, "--adapter", workshop.place("a").path,
          "--data", workshop.place("pairs/valid.jsonl").path, "--precision", "f32", "--json",
          "--objective",
        ] + flags)
    }
    let sentence = "training measured them against \(first); give --reference-adapter \(first)"
    let bare = try evaluate("dpo")
    #expect(bare.status == 0 && bare.errors.contains("warning: "), "\(bare.errors)")
    #expect(bare.errors.contains(sentence), "\(bare.errors)")
    let same = try evaluate("dpo", "--reference-adapter", first)
    #expect(same.status == 0 && !same.errors.contains("warning: "), "\(same.errors)")
    let trained = try #require(try run.json()["valid_loss"]?.double)
    #expect(abs(try #require(try same.json()["loss"]?.double) - trained) < 1e-5)
    // ORPO has no reference.
    #expect(try !evaluate("orpo").errors.contains("reference"))
  }

  @Test func `is told from texts by compress, which measures texts alone`() throws {
    let workshop = try Workshop()
    _ = try Lowrank(workshop.training(into: "a", "--iters", "2"))
    let answer = try Lowrank(
      "compress", workshop.place("a").path, "--output", workshop.place("b").path, "--verify",
      "--model", workshop.model.path, "--data",
      try workshop.pairs().appending(path: "valid.jsonl").path)
    #expect(answer.status == 1)
    #expect(
      answer.errors.contains(
        "valid.jsonl, line 1: a preference row, \"chosen\" and \"rejected\", and compress measures texts"
      ), "\(answer.errors)")
    #expect(!answer.errors.contains("--objective dpo learns"))
  }

  @Test(arguments: [
    (["--objective", "dpoo"], "--objective is \"dpoo\", expected dpo, orpo, kto or simpo"),
    (["--beta", "0.2"], "--beta has no effect without --objective"),
    (
      ["--objective", "dpo", "--loss-type", "robust"],
      "--loss-type robust is sigmoid without --label-smoothing"
    ),
    (
      ["--objective", "orpo", "--loss-type", "ipo"],
      "--loss-type has no effect with --objective orpo"
    ),
    (
      ["--objective", "kto", "--batch-size", "1"],
      "--batch-size is 1, expected at least 2 with --objective kto"
    ),
  ])
  func `refuses flags that make no sense`(flags: [String], expected: String) throws {
    let workshop = try Workshop()
    let run = try Lowrank(
      [
        "train", "--model", workshop.model.path, "--data", try workshop.pairs().path,
        "--adapter-path", workshop.place("a").path,
      ] + flags)
    #expect(run.status == 2)
    #expect(run.errors.contains(expected), "\(run.errors)")
  }

  @Test
  func `is refused for a classifier's rows, and evaluation without an objective points to it`()
    throws
  {
    let workshop = try Workshop()
    let pairs = try workshop.pairs()
    let answer = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--data",
      pairs.appending(path: "valid.jsonl").path)
    #expect(answer.status == 1)
    #expect(answer.errors.contains("--objective dpo learns to prefer the chosen answers"))
    let reference = try Lowrank(
      "evaluate", "--model", workshop.model.path, "--data", pairs.path, "--reference-adapter", "x")
    #expect(reference.status == 2)
    #expect(
      reference.errors.contains("--reference-adapter has no effect without --objective dpo or kto"))
  }
}
