import Foundation
import LowRank
import Testing

@Suite struct `lowrank push without sending` {
  private static func dry(_ adapter: URL, _ more: String...) throws -> Lowrank {
    try Lowrank(["push", adapter.path, "me/adapter", "--dry-run", "--json"] + more)
  }

  private static func card(_ adapter: URL, _ more: String...) throws -> String {
    let answer = try Lowrank(
      ["push", adapter.path, "me/adapter", "--dry-run", "--json"] + more)
    #expect(answer.status == 0, "\(answer.errors)")
    return try #require(try answer.json()["card"]?.string)
  }

  @Test func `shows a card with what the run knows, and no path of this machine`() throws {
    let shop = try ClassifierWorkshop()
    let adapter = try shop.trained()
    let card = try Self.card(adapter, "--license", "apache-2.0")
    let facts = try JSONFile(at: adapter.appending(path: "lowrank.json"))
    for fact in [
      "license: apache-2.0\n", "pipeline_tag: text-classification\n", "`model`",
      try facts.string("base_fingerprint"), "| Steps | 40 |", "| Batch size | 8 |",
      "| Learning rate | 0.02 |", "| Columns of text | sentence |",
      "| Column of labels | label |", "| training loss of this step |", "| validation accuracy |",
      "lowrank predict --model path/to/the/base --adapter me/adapter",
      "labels = [\"bad\", \"fine\", \"good\"]", "num_labels=3,",
      "problem_type=\"single_label_classification\",",
    ] {
      #expect(card.contains(fact), "\(fact)")
    }
    #expect(!card.contains("base_model"))
    #expect(!card.contains(shop.root.lastPathComponent))
    #expect(!card.contains("/tmp/"))
  }

  @Test func `has all settings of the run, as a file that trains it again`() throws {
    let shop = try ClassifierWorkshop()
    let card = try Self.card(try shop.trained())
    let block = try #require(card.firstMatch(of: /## Settings of the run\n\n```yaml\n((?s).*?)```/))
    let lines = block.1.split(separator: "\n").map(String.init)
    for line in ["task: classification", "iters: 40", "learning_rate: 0.02", "model: model"] {
      #expect(lines.contains(line), "\(lines)")
    }
    let file = shop.place("again.yaml")
    try String(block.1).write(to: file, atomically: true, encoding: .utf8)
    let again = try Lowrank(
      "train", "-c", file.path, "--model", shop.model.path, "--data", shop.data.path,
      "--adapter-path", shop.place("again").path, "--json")
    #expect(again.status == 0, "\(again.errors)")
    func values(_ name: String) throws -> [[Float]] {
      let file = shop.place(name).appending(path: "adapter_model.safetensors")
      return try SafetensorsFile(at: file).tensors.map { try $0.floats() }
    }
    #expect(try values("again") == values("a"))
  }

  @Test func `states the figures of the step whose adapter it is, not of the last one`() throws {
    let shop = try ClassifierWorkshop()
    let answer = try Lowrank(
      shop.training(into: "a", "--iters", "40", "--eval-every", "8"))
    #expect(answer.status == 0, "\(answer.errors)")
    let adapter = shop.place("a")
    let best = try #require(answer.json()["best_step"]?.integer)
    #expect(best < 40, "the case is none")
    let lines = try String(
      contentsOf: adapter.appending(path: "state/metrics.jsonl"), encoding: .utf8)
    let metrics = try lines.split(separator: "\n").map {
      try #require(JSONValue(parsing: String($0)).object)
    }
    let found = try #require(
      metrics.last { $0["step"]?.integer == best && $0["valid_loss"] != nil })
    let card = try Self.card(adapter)
    #expect(card.contains("Measured after step \(best), whose adapter this is"))
    for (key, title) in [("valid_loss", "loss"), ("valid_accuracy", "accuracy")] {
      let value = try #require(found[key]?.double)
      #expect(card.contains("| validation \(title) | \(String(format: "%.4f", value)) |\n"))
    }
    // What was measured is what the folder holds.
    let valid = shop.data.appending(path: "valid.tsv").path
    let measured = try shop.ask("evaluate", adapter, "--data", valid).json()["loss"]?.double
    #expect(abs((measured ?? 0) - (found["valid_loss"]?.double ?? 1)) < 1e-5)
  }

  @Test func `names the tokens whose embeddings are trained`() throws {
    let workshop = try Workshop()
    let answer = try Lowrank(
      workshop.training(into: "a", "--iters", "2", "--trainable-tokens", "5,c,0"))
    #expect(answer.status == 0, "\(answer.errors)")
    let card = try Self.card(workshop.place("a"))
    #expect(card.contains("| Trained tokens | `<end>` (0), `c` (3), `e` (5) |"), "\(card)")
  }

  @Test func `says of a pruned adapter by what it was pruned`() throws {
    let workshop = try Workshop()
    #expect(try Lowrank(workshop.training(into: "a", "--iters", "8")).status == 0)
    let small = workshop.place("small")
    #expect(
      try Lowrank(
        "compress", workshop.place("a").path, "--output", small.path, "--keep", "0.5"
      ).status == 0)
    #expect(try Self.card(small).contains("| Pruned | rank 8 → 4 by --keep 0.5, "))
  }

  @Test func `lists the files, none of which is of the state`() throws {
    let shop = try ClassifierWorkshop()
    let answer = try Self.dry(try shop.trained())
    let files = try #require(try answer.json()["files"]?.array)
    #expect(
      files.compactMap { $0.object?["path"]?.string }
        == ["README.md", "adapter_config.json", "adapter_model.safetensors", "lowrank.json"])
  }

  @Test func `keeps a card that is there, unless another is given`() throws {
    let shop = try ClassifierWorkshop()
    let adapter = try shop.trained()
    try shop.write("mine\n", to: adapter, "README.md")
    #expect(try Self.card(adapter) == "mine\n")
    try shop.write("another\n", to: shop.root, "card.md")
    let other = shop.place("card.md").path
    #expect(try Self.card(adapter, "--card", other) == "another\n")
    let refused = try Self.dry(adapter, "--license", "mit")
    #expect(refused.status == 2 && refused.errors.contains("--license"))
    let missing = try Self.dry(adapter, "--card", other + "x")
    #expect(missing.status == 1 && missing.errors.contains("card.mdx"))
  }

  @Test func `refuses an adapter that is broken`() throws {
    let shop = try ClassifierWorkshop()
    let adapter = try shop.trained()
    let file = adapter.appending(path: "adapter_model.safetensors")
    let whole = try Data(contentsOf: file)
    try (whole.dropLast(4) + Data([0, 0, 0xc0, 0x7f])).write(to: file)
    let infinite = try Self.dry(adapter)
    #expect(infinite.status == 1 && infinite.errors.contains("not finite"), "\(infinite.errors)")
    try whole.dropLast(4).write(to: file)
    let short = try Self.dry(adapter)
    #expect(short.status == 1 && short.errors.contains("cut short"), "\(short.errors)")
    try whole.write(to: file)
    #expect(try Self.dry(adapter).status == 0)
  }

  @Test func `refuses a link that leads out of the folder`() throws {
    let shop = try ClassifierWorkshop()
    let adapter = try shop.trained()
    try shop.write("secret\n", to: shop.root, "token")
    try FileManager.default.createSymbolicLink(
      at: adapter.appending(path: "README.md"), withDestinationURL: shop.place("token"))
    let answer = try Self.dry(adapter)
    #expect(answer.status == 1 && answer.errors.contains("leads out of the adapter's folder"))
    #expect(!answer.output.contains("secret"))
  }

  @Test func `refuses what contradicts itself`() throws {
    let shop = try ClassifierWorkshop()
    let adapter = try shop.trained()
    for flags in [
      ["me/a@dev", "--revision", "next"], ["me/a", "--revision", "next", "--create-pr"],
      ["me/a", "--message", " "], ["/me/a"], ["me/a/b"],
    ] {
      let answer = try Lowrank(["push", adapter.path] + flags + ["--dry-run"])
      #expect(answer.status == 2, "\(flags): \(answer.errors)")
    }
    #expect(try Lowrank("push", shop.model.path, "me/a", "--dry-run").status == 1)
  }
}
