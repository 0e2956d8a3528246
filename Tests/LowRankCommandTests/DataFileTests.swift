import Foundation
import LowRank
import Testing

@Suite struct `Files of rows` {
  private func check(_ model: URL, _ data: URL, _ more: String...) throws -> Lowrank {
    try Lowrank(["data", "check", "--model", model.path, "--data", data.path] + more)
  }

  @Test(arguments: [
    "sentence\nthe film was good\n", "sentence\tlabel\nthe film was good\t-1\n",
    "id\tother\n0\tx\n",
  ])
  func `for the final test need no labels, to check as to train`(test: String) throws {
    let workshop = try ClassifierWorkshop()
    try workshop.write(test, to: workshop.data, "test.tsv")
    let answer = try check(workshop.model, workshop.data, "--task", "classification", "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let json = try answer.json()
    let isRead = test.hasPrefix("sentence")
    #expect(json["files"]?.array?.count == (isRead ? 3 : 2))
    #expect(
      json["warnings"]?.array?.contains {
        $0.string?.contains("test.tsv") == true
          && $0.string?.hasSuffix("training does not use the file") == true
      } == !isRead)
    let training = try Lowrank(workshop.training(into: "a", "--iters", "1"))
    #expect(training.status == 0, "\(training.errors)")
  }

  @Test func `with a bad label stop the check as they stop training`() throws {
    let workshop = try ClassifierWorkshop()
    try workshop.write(
      "sentence\tlabel\nthe film\tgood\nthe film\t\n", to: workshop.data, "valid.tsv")
    let sentence = "valid.tsv, line 3: the label must be a string that is not empty"
    let answer = try check(workshop.model, workshop.data, "--task", "classification")
    #expect(answer.status == 1 && answer.errors.contains(sentence), "\(answer.errors)")
    let training = try Lowrank(workshop.training(into: "a", "--iters", "1"))
    #expect(training.status == 1 && training.errors.contains(sentence), "\(training.errors)")
  }

  @Test func `with labels that are numbers have a class for each number that a known head has`()
    throws
  {
    let workshop = try ClassifierWorkshop()
    for name in ["train.tsv", "valid.tsv"] {
      try workshop.write(
        ClassifierWorkshop.rows(12, seed: 3) { $0 == 1 ? "2" : "0" }, to: workshop.data, name)
    }
    func classes(_ more: String...) throws -> [String]? {
      let answer = try check(workshop.model, workshop.data, "--task", "classification", "--json")
      #expect(answer.status == 0, "\(answer.errors)")
      return try answer.json()["files"]?.array?[0].object?["labels"]?.object?.keys
    }
    #expect(try classes() == ["0", "2"])
    let training = try Lowrank(workshop.training(into: "a", "--iters", "1"))
    #expect(training.errors.contains("the labels 0, 2 do not count from 0 to n - 1"))
    let url = workshop.model.appending(path: "config.json")
    var config = try JSONFile(at: url).object
    config["id2label"] = ["0": "x", "1": "y", "2": "z"]
    try JSONValue.object(config).write(to: url)
    #expect(try classes() == ["0", "1", "2"])
    let more = try Lowrank(workshop.training(into: "b", "--iters", "1"))
    #expect(more.status == 0 && more.errors.contains("no row has the class 1"), "\(more.errors)")
  }

  @Test func `that are not used are named by train, pretrain and check`() throws {
    let workshop = try Workshop()
    try FileManager.default.moveItem(
      at: workshop.data.appending(path: "valid.jsonl"),
      to: workshop.data.appending(path: "val.jsonl"))
    try workshop.write("{\"text\": \"a\"}\n", to: workshop.data, "more.jsonl")
    let sentence =
      "data: more.jsonl is not used; the files of a data folder are called train, valid "
    let training = try Lowrank(workshop.training(into: "a", "--iters", "1"))
    #expect(training.status == 0 && training.errors.contains("warning: "), "\(training.errors)")
    #expect(training.errors.contains(sentence))
    #expect(try training.json()["valid_loss"]?.double != nil)
    let checked = try check(workshop.model, workshop.data)
    #expect(checked.status == 0 && checked.errors.contains(sentence))
    #expect(checked.output.contains("val.jsonl: text, 6 lines"))
    let pretraining = try Lowrank(
      "pretrain", "--model", workshop.model.path, "--data", workshop.data.path, "--output",
      workshop.place("m").path, "--iters", "1")
    #expect(pretraining.status == 0 && pretraining.errors.contains(sentence))
    try workshop.write("{\"text\": \"a\"}\n", to: workshop.data, "dev.jsonl")
    let twice = try Lowrank(workshop.training(into: "b", "--iters", "1"))
    #expect(twice.status == 1)
    #expect(twice.errors.contains("dev.jsonl and val.jsonl serve the same purpose"))
  }
}

@Suite struct `Columns that flags name` {
  /// Questions and answers in columns of those names, beside a text.
  private func data(_ workshop: Workshop, _ name: String = "qa") throws -> URL {
    let folder = workshop.place(name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let rows = ["text,topic,reply", "no,what is it,a cat", "no,who is it,\"a dog, a cat\""]
    for file in ["train.csv", "valid.csv"] {
      try workshop.write(rows.joined(separator: "\n") + "\n", to: folder, file)
    }
    return folder
  }

  private let flags = ["--prompt-column", "topic", "--completion-column", "reply"]

  @Test func `hold prompts and completions, and are kept beside the adapter`() throws {
    let workshop = try Workshop()
    let data = try data(workshop)
    func tokens(_ arguments: [String]) throws -> JSONValue? {
      let answer = try Lowrank(arguments + ["--json"])
      #expect(answer.status == 0, "\(answer.errors)")
      let json = try answer.json()
      return json["tokens"] ?? json["files"]?.array?[0].object?["trained_tokens"]
    }
    let run = try Lowrank(
      workshop.training(into: "a", "--iters", "2", "--data", data.path) + flags)
    #expect(run.status == 0, "\(run.errors)")
    let adapter = workshop.place("a")
    let facts = try JSONFile(at: adapter.appending(path: "lowrank.json")).object("task").object
    #expect(facts["prompt_column"] == "topic" && facts["completion_column"] == "reply")
    let base = ["--model", workshop.model.path, "--data", data.path]
    // Five characters, twelve, and the ends.
    let trained = JSONValue.integer(5 + 12 + 2)
    #expect(try tokens(["data", "check"] + base + flags) == trained)
    #expect(try tokens(["data", "check", "--adapter", adapter.path] + base) == trained)
    #expect(try tokens(["evaluate"] + base + flags) == trained)
    #expect(try tokens(["evaluate", "--adapter", adapter.path] + base) == trained)
    #expect(try tokens(["evaluate"] + base) != trained)
    let shown = try Lowrank(["data", "check"] + base + flags)
    #expect(shown.output.contains("columns  topic → reply"))
    let pruned = try Lowrank(
      ["compress", adapter.path, "--output", workshop.place("b").path, "--keep", "0.5", "--verify"]
        + base)
    #expect(pruned.status == 0 && pruned.errors.contains("19 of them trained"), "\(pruned.errors)")
    let inspected = try Lowrank("inspect", adapter.path, "--json").json()
    #expect(inspected["prompt_column"] == "topic")
  }

  @Test func `are joined later by the separator that training had`() throws {
    let workshop = try Workshop()
    let data = try data(workshop)
    let run = try Lowrank(
      workshop.training(into: "a", "--iters", "1", "--data", data.path) + flags
        + ["--separator", ": "])
    #expect(run.status == 0, "\(run.errors)")
    let adapter = workshop.place("a")
    let facts = try JSONFile(at: adapter.appending(path: "lowrank.json")).object("task").object
    #expect(facts["separator"] == ": ")
    func loss(_ more: String...) throws -> JSONValue? {
      let answer = try Lowrank(
        [
          "evaluate", "--model", workshop.model.path, "--adapter", adapter.path, "--json", "--data",
          data.path,
        ] + more)
      #expect(answer.status == 0, "\(answer.errors)")
      return try answer.json()["loss"]
    }
    #expect(try loss() == loss("--separator", ": "))
    #expect(try loss() != loss("--separator", ""))
  }

  @Test func `may stand in a run's file`() throws {
    let workshop = try Workshop()
    let data = try data(workshop)
    try workshop.write(
      "data: \(data.path)\nprompt_column: topic\ncompletion_column: reply\niters: 1\n",
      to: workshop.root, "run.yaml")
    let run = try Lowrank(
      "train", "-c", workshop.place("run.yaml").path, "--model", workshop.model.path,
      "--adapter-path", workshop.place("a").path, "--no-store")
    #expect(run.status == 0 && run.errors.contains("19 of them trained"), "\(run.errors)")
    let plain = try Lowrank(workshop.training(into: "b", "--iters", "1"))
    #expect(plain.status == 0)
    let facts = try JSONFile(at: workshop.place("b").appending(path: "lowrank.json"))
    #expect(facts["task"] == nil)
  }

  @Test(arguments: [
    (
      ["--prompt-column", "topics", "--completion-column", "reply"], 1,
      "there is no column \"topics\""
    ),
    (["--prompt-column", "topics", "--completion-column", "reply"], 1, "did you mean \"topic\"?"),
    (["--prompt-column", "topic"], 1, "no other column is known to hold the completion"),
    (
      ["--text-column", "text", "--prompt-column", "topic"], 2,
      "--text-column contradicts --prompt-column"
    ),
    (
      ["--text-column", "text", "--completion-column", "reply"], 2,
      "contradicts --completion-column"
    ),
    (
      ["--task", "classification", "--prompt-column", "topic"], 1,
      "no column is known to hold the label"
    ),
  ])
  func `that are not there or contradict are refused`(
    flags: [String], status: Int32, sentence: String
  ) throws {
    let workshop = try Workshop()
    let data = try data(workshop)
    for answer in [
      try Lowrank(workshop.training(into: "x", "--iters", "1", "--data", data.path) + flags),
      try Lowrank(["data", "check", "--model", workshop.model.path, "--data", data.path] + flags),
    ] {
      // Flags without effect are found where nothing else is wrong.
      let isEarly = flags.contains("--task") && answer.status == 2
      #expect(answer.status == status || isEarly, "\(answer.errors)")
      #expect(
        answer.errors.contains(isEarly ? "--prompt-column has no effect here" : sentence),
        "\(answer.errors)")
    }
  }
}

@Suite struct `Steps of several batches` {
  @Test func `end with the epoch`() throws {
    let workshop = try Workshop()
    // Ten rows of nine tokens: batches of 3, 3, 3 and 1, and steps of two batches.
    let rows = (0..<10).map { "{\"text\": \"abcdefg\(["h", "i", "j"][$0 % 3])\"}\n" }.joined()
    try workshop.write(rows, to: workshop.data, "train.jsonl")
    func training(_ name: String, _ more: String...) -> [String] {
      workshop.training(
        into: name, "--batch-size", "3", "--grad-accumulation", "2", "--dropout", "0.1") + more
    }
    let plan = try Lowrank(training("a", "--epochs", "3", "--dry-run")).json()
    #expect(plan["steps"]?.integer == 6 && plan["steps_per_epoch"]?.integer == 2)
    #expect(plan["tokens_per_step"]?.double == 40)
    let large = try Lowrank(
      workshop.training(
        into: "a", "--epochs", "2", "--dry-run", "--batch-size", "8", "--grad-accumulation", "16"))
    #expect(try large.json()["steps"]?.integer == 2)
    #expect(try large.json()["tokens_per_step"]?.double == 80)
    for (name, length) in [("a", ["--epochs", "2.5"]), ("b", ["--iters", "5"])] {
      let run = try Lowrank(training(name) + length)
      #expect(run.status == 0, "\(run.errors)")
      let lines = try DataTable(
        at: workshop.place(name).appending(path: "state/metrics.jsonl")
      ).rows.map(\.fields)
      #expect(
        lines.compactMap { $0["input_tokens"]?.integer } == [48, 32, 48, 32, 48], "\(name)")
    }
  }

  @Test func `are continued bit for bit after each of them`() throws {
    let workshop = try Workshop()
    func training(_ name: String, _ more: String...) -> [String] {
      workshop.training(
        into: name, "--batch-size", "6", "--grad-accumulation", "4", "--epochs", "3", "--dropout",
        "0.1", "--save-every", "1", "--save-total-limit", "9") + more
    }
    func factors(_ name: String) throws -> Data {
      try Data(contentsOf: workshop.place(name).appending(path: "adapter_model.safetensors"))
    }
    // Forty rows: steps of 24 and 16, three times.
    let whole = try Lowrank(training("whole"))
    #expect(try whole.json()["steps"]?.integer == 6, "\(whole.errors)")
    for step in 1...5 {
      let name = "part\(step)"
      try FileManager.default.copyItem(at: workshop.place("whole"), to: workshop.place(name))
      let history = StateHistory(inAdapter: workshop.place(name))
      for later in history.steps where later > step {
        try FileManager.default.removeItem(at: history.place(of: later))
      }
      let resumed = try Lowrank(training(name, "--resume"))
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(resumed.errors.contains("after step \(step) of 6"))
      #expect(try factors(name) == factors("whole"), "after step \(step)")
    }
  }

  @Test func `of a run that went on in the next epoch are not continued`() throws {
    let workshop = try Workshop()
    let flags = ["--iters", "2", "--grad-accumulation", "2"]
    #expect(try Lowrank(workshop.training(into: "a") + flags).status == 0)
    let folder = StateHistory(inAdapter: workshop.place("a")).place(of: 2)
    let settings = try JSONFile(at: folder.appending(path: "state.json")).object("settings").object
    #expect(settings["last_accumulation"] == "short")
    #expect(try Lowrank(workshop.training(into: "b", "--iters", "1")).status == 0)
    let other = StateHistory(inAdapter: workshop.place("b")).place(of: 1)
    let single = try JSONFile(at: other.appending(path: "state.json")).object("settings").object
    #expect(single["last_accumulation"] == .null)
  }
}
