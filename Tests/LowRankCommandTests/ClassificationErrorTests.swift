import Foundation
import LowRank
import Testing

@Suite struct `A wrong wish for a classifier is one sentence` {
  private func refusal(
    _ workshop: ClassifierWorkshop, _ arguments: [String], status: Int32,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    let answer = try Lowrank(arguments)
    #expect(answer.status == status, "\(answer.errors)", sourceLocation: sourceLocation)
    #expect(!FileManager.default.fileExists(atPath: workshop.place("x").path))
    return answer.errors
  }

  @Test func `for a label that training never had`() throws {
    let workshop = try ClassifierWorkshop()
    try workshop.write("sentence\tlabel\nthe film was good\tgod\n", to: workshop.data, "valid.tsv")
    let said = try refusal(workshop, workshop.training(into: "x", "--iters", "1"), status: 1)
    #expect(
      said.contains("valid.tsv, line 2: training does not know the label \"god\"; the 3 that"))
    #expect(said.contains("did you mean \"good\"?"))
  }

  @Test func `for a wrong column`() throws {
    let workshop = try ClassifierWorkshop()
    let said = try refusal(
      workshop, workshop.training(into: "x", "--text-column", "sentense"), status: 1)
    #expect(said.contains("there is no column \"sentense\""))
    #expect(said.contains("did you mean \"sentence\"?"))
  }

  @Test func `for a column that the adapter recorded and the file lacks`() throws {
    let workshop = try ClassifierWorkshop()
    let adapter = try workshop.trained()
    let rows = ClassifierWorkshop.rows(8, seed: 3)
    for (name, old, new, flag) in [
      ("texts.tsv", "sentence\t", "sentences\t", "--text-column"),
      ("labels.tsv", "\tlabel\n", "\tlabels\n", "--label-column"),
    ] {
      try workshop.write(rows.replacing(old, with: new), to: workshop.root, name)
      let answer = try workshop.ask(
        "evaluate", adapter, "--data", workshop.place(name).path)
      #expect(answer.status == 1)
      let column = flag == "--text-column" ? "sentence" : "label"
      #expect(
        answer.errors.contains(
          "\(name): there is no column \"\(column)\", which the adapter recorded in training; the columns are "
        ), "\(answer.errors)")
      #expect(answer.errors.hasSuffix(": name one with \(flag), as \(flag) \(column)s\n"))
      // What a flag names is its own mistake.
      let given = try workshop.ask(
        "evaluate", adapter, "--data", workshop.place(name).path, flag, "nothing")
      #expect(given.errors.contains("\(flag): there is no column \"nothing\""), "\(given.errors)")
      let read = try workshop.ask(
        "evaluate", adapter, "--data", workshop.place(name).path, flag, column + "s")
      #expect(read.status == 0, "\(read.errors)")
    }
  }

  @Test func `for an encoder that is to predict the next token`() throws {
    let workshop = try ClassifierWorkshop()
    var flags = workshop.training(into: "x")
    flags.removeSubrange(1...2)
    let said = try refusal(workshop, flags, status: 1)
    #expect(said.contains("bert is an encoder, which predicts no next token"))
    let generated = try Lowrank(
      "generate", "--model", workshop.model.path, "--prompt", "a film")
    #expect(generated.status == 1)
    #expect(generated.errors.contains("bert is an encoder"))
  }

  @Test func `for a 0 or 1 for each label in some rows alone, and for flags without effect`() throws
  {
    let workshop = try ClassifierWorkshop()
    try workshop.write(
      "{\"text\": \"a good film\", \"labels\": [0, 1, 0]}\n{\"text\": \"a film\", \"labels\": [1]}\n",
      to: workshop.root, "hot.jsonl")
    let hot = workshop.place("hot.jsonl").path
    var flags = [
      "train", "--task", "multilabel", "--model", workshop.model.path, "--train-file", hot,
      "--adapter-path", workshop.place("x").path,
    ]
    let said = try refusal(workshop, flags, status: 1)
    #expect(said.contains("hot.jsonl, line 1: the number 0 stands twice in \"labels\""))
    try workshop.write(
      "{\"text\": \"a good film\", \"labels\": [\"a\"]}\n", to: workshop.root, "hot.jsonl")
    flags += ["--metric", "f1_macro"]
    #expect(
      try refusal(workshop, flags, status: 2).contains("--metric f1_macro has no effect"))
    let separator = workshop.training(into: "x", "--separator", " / ")
    #expect(
      try refusal(workshop, separator, status: 2).contains("--separator has no effect here"))
    let labelled = try Lowrank(
      "embed", "--model", workshop.model.path, "--text", "a film", "--label-column", "label")
    #expect(labelled.status == 2 && labelled.errors.contains("embed reads no labels"))
    let pair = try workshop.ask("predict", workshop.trained(), "--text", "a film", "a book")
    #expect(pair.status == 2)
    #expect(pair.errors.contains("the adapter was trained on one"))
  }

  @Test func `for an encoder that is to be pre-trained to predict`() throws {
    let workshop = try ClassifierWorkshop()
    let answer = try Lowrank(
      "pretrain", "--model", workshop.model.path, "--data", workshop.data.path, "--output",
      workshop.place("x").path, "--iters", "1")
    #expect(answer.status == 1)
    #expect(answer.errors.contains("bert is an encoder"), "\(answer.errors)")
  }

  @Test func `for a model without a trained head`() throws {
    let workshop = try ClassifierWorkshop()
    let said = try refusal(
      workshop,
      ["evaluate", "--model", workshop.model.path, "--data", workshop.data.path], status: 1)
    #expect(said.contains("has no trained head that classifies"))
  }

  @Test(arguments: [
    (["--task", "clasification"], "--task is \"clasification\""),
    (["--metric", "pearson"], "--metric is \"pearson\", expected for classification one of"),
    (["--text-column", "sentence", "sentence", "sentence"], "--text-column"),
  ])
  func `for flags that make no sense`(flags: [String], sentence: String) throws {
    let workshop = try ClassifierWorkshop()
    let answer = try Lowrank(workshop.training(into: "x") + flags)
    #expect(answer.status != 0)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("x").path))
  }

  @Test func `and a warning counts empty and long rows`() throws {
    let workshop = try ClassifierWorkshop()
    let long = [String](repeating: "good", count: 40).joined(separator: " ")
    try workshop.write(
      ClassifierWorkshop.rows(20, seed: 4) + "\tgood\n\(long)\tgood\n", to: workshop.data,
      "train.tsv")
    let answer = try Lowrank(workshop.training(into: "a", "--iters", "2"))
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.errors.contains("22 rows, 1 truncated, 1 empty and left out"))
  }

  @Test func `and nothing is measured under a head that is not there`() throws {
    let workshop = try ClassifierWorkshop()
    let trained = try workshop.trained()
    // What another tool leaves that saves factors alone.
    let headless = workshop.place("headless")
    try FileManager.default.createDirectory(at: headless, withIntermediateDirectories: true)
    let file = try SafetensorsFile(at: trained.appending(path: "adapter_model.safetensors"))
    try SafetensorsFile.write(
      file.tensors.filter { $0.name.text.contains("lora_") }.map {
        TensorSource($0.name, $0.shape, floats: try $0.floats())
      }, to: headless.appending(path: "adapter_model.safetensors"))
    var config = try JSONFile(at: trained.appending(path: "adapter_config.json")).object
    config["modules_to_save"] = .null
    try JSONValue.object(config).write(to: headless.appending(path: "adapter_config.json"))
    let answer = try Lowrank(
      "compress", headless.path, "--output", workshop.place("x").path, "--model",
      workshop.model.path, "--data", workshop.data.path, "--precision", "f32", "--max-metric-drop",
      "0.1")
    #expect(answer.status == 1)
    #expect(answer.errors.contains("classifier.weight is missing"), "\(answer.errors)")
    #expect(!FileManager.default.fileExists(atPath: workshop.place("x").path))
  }

  @Test func `and a decoder's adapter is not put on a classifier`() throws {
    let workshop = try Workshop()
    _ = try Lowrank(workshop.training(into: "a", "--iters", "1"))
    let answer = try Lowrank(
      "predict", "--model", workshop.model.path, "--adapter", workshop.place("a").path, "--text",
      "a")
    #expect(answer.status == 1)
    #expect(answer.errors.contains("has no trained head that classifies"))
  }
}
