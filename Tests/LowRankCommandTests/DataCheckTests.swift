import Foundation
import LowRank
import Testing

@Suite struct `Checking data` {
  private func check(_ workshop: Workshop, _ data: URL, _ more: String...) throws -> Lowrank {
    try Lowrank(["data", "check", "--model", workshop.model.path, "--data", data.path] + more)
  }

  @Test func `needs no weights`() throws {
    let workshop = try Workshop()
    try FileManager.default.removeItem(at: workshop.model.appending(path: "model.safetensors"))
    let answer = try check(workshop, workshop.data, "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let files = try #require(try answer.json()["files"]?.array).compactMap(\.object)
    #expect(files.map { $0["rows"] } == [40, 6])
    #expect(files.map { $0["format"] } == ["text", "text"])
    // Eight letters and the end, the first of which nothing precedes.
    #expect(files.map { $0["tokens"] } == [360, 54])
    #expect(files.map { $0["trained_tokens"] } == [320, 48])
    #expect(files[0]["views"]?.array?.count == 3 && files[1]["views"] == [])
  }

  @Test func `shows what of a conversation is trained`() throws {
    let workshop = try Workshop()
    let data = try workshop.conversations([
      Workshop.row("hi", "ho"),
      Workshop.row(("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d!")),
    ])
    let answer = try check(workshop, data, "--max-seq-length", "64")
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.output.contains("messages, 2 lines, 2 kept"))
    #expect(answer.output.contains("a│s│s│i│s│t│a│n│t│:│ [h][o][<end>]\n"))
    #expect(answer.output.contains(":│ [b][<end>]u│s│e│r│:│ │c│<end>│a"))
    #expect(!answer.output.contains("\u{1b}"))
    let last = try check(
      workshop, data, "--max-seq-length", "64", "--train-on", "last", "--row", "2", "--json"
    ).json()
    let views = try #require(last["files"]?.array?[0].object?["views"]?.array)
    let tokens = try #require(views.first?.object?["tokens"]?.array).compactMap(\.object)
    #expect(views.count == 1 && views[0].object?["ended"] == true)
    #expect(
      tokens.filter { $0["trained"] == true }.map { $0["text"]?.string } == ["d", "!", "<end>"])
  }

  @Test func `finds what is wrong, and fails where training would`() throws {
    let workshop = try Workshop()
    let row = Workshop.row("hi", "ho")
    let data = try workshop.conversations([
      row, "{\"messages\": []}", row, Workshop.row(("user", "a")),
      Workshop.row(("system", "s"), ("user", "a")),
      Workshop.row(("user", "a"), ("asistant", "b")),
    ])
    try workshop.write(row + "\n", to: data, "valid.jsonl")
    let answer = try check(workshop, data, "--json")
    #expect(answer.status == 1)
    let json = try answer.json()
    let file = try #require(json["files"]?.array?[0].object)
    for (key, count) in [
      ("rows", 6), ("kept", 2), ("empty", 1), ("refused", 2), ("untrained", 1), ("duplicates", 1),
    ] { #expect(file[key] == .integer(count), "\(key)") }
    #expect(file["duplicate_rows"] == [[3, 1]])
    #expect(json["shared"]?.array?.first?.object?["rows"] == [[1, 1]])
    let errors = try #require(json["errors"]?.array).compactMap(\.string)
    #expect(errors.count == 2)
    #expect(errors[0].contains("train.jsonl, line 5: ") && errors[0].contains("no system here"))
    #expect(errors[1].contains("line 6: message 2 has the role \"asistant\""))
    let training = try Lowrank(
      workshop.training(into: "a") + ["--data", data.path, "--iters", "1"])
    #expect(training.status == 1 && training.errors.contains("no system here"))
  }

  @Test func `says what to do without a chat template, and takes one from a file`() throws {
    let workshop = try Workshop()
    let data = try workshop.conversations(withTemplate: false)
    let answer = try check(workshop, data)
    #expect(answer.status == 1)
    #expect(answer.errors.contains("give one with --chat-template, as --chat-template chatml"))
    try workshop.write(Workshop.template, to: workshop.root, "t.jinja")
    let template = workshop.place("t.jinja").path
    #expect(try check(workshop, data, "--chat-template", template).status == 0)
    let idle = try check(workshop, workshop.data, "--chat-template", template)
    #expect(idle.status == 2)
    #expect(idle.errors.contains("--chat-template has no effect: "))
    #expect(idle.errors.contains("holds no conversations"))
  }

  @Test func `refuses rows of preferences with a sentence`() throws {
    let workshop = try Workshop()
    let data = try workshop.conversations([#"{"prompt": "a", "chosen": "b", "rejected": "c"}"#])
    for answer in [
      try check(workshop, data),
      try Lowrank(workshop.training(into: "a") + ["--data", data.path, "--iters", "1"]),
    ] {
      #expect(answer.status == 1)
      #expect(answer.errors.contains("line 1: a preference row, \"chosen\" and \"rejected\""))
    }
  }

  @Test func `of rows with labels shows the labels`() throws {
    let workshop = try ClassifierWorkshop()
    let flags = [
      "data", "check", "--model", workshop.model.path, "--data", workshop.data.path,
    ]
    let json = try Lowrank(flags + ["--task", "classification", "--json"]).json()
    let file = try #require(json["files"]?.array?[0].object)
    #expect(file["text_columns"] == ["sentence"] && file["label_column"] == "label")
    let labels = try #require(file["labels"]?.object)
    #expect(labels.keys == ClassifierWorkshop.classes)
    #expect(labels.entries.reduce(0) { $0 + ($1.value.integer ?? 0) } == 60)
    let text = try Lowrank(flags + ["--task", "classification", "--rows", "1"])
    #expect(text.output.contains("[CLS]│the│"))
    let idle = try Lowrank(flags + ["--task", "classification", "--train-on", "last"])
    #expect(idle.status == 2 && idle.errors.contains("--train-on has no effect"))
  }

  @Test(arguments: [
    (["--row", "99"], "--row 99: "), (["--row", "1", "--rows", "2"], "--rows contradicts --row"),
    (["--rows", "-1"], "--rows is -1"), (["--train-on", "first"], "--train-on is \"first\""),
    (["--train-on", "last"], "--train-on has no effect"),
    (["--task", "casual"], "did you mean \"causal\"?"),
  ])
  func `refuses flags that make no sense`(flags: [String], sentence: String) throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      ["data", "check", "--model", workshop.model.path, "--data", workshop.data.path] + flags)
    #expect(answer.status == 2 && answer.errors.contains(sentence), "\(answer.errors)")
  }
}
