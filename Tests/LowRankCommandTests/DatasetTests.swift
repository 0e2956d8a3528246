import Foundation
import LowRank
import LowRankTestHub
import Testing

@Suite struct `A dataset by name` {
  private static func rows(_ count: Int, _ letter: String) -> Data {
    Data(
      (0..<count).map { row in
        "{\"question\": \"\(letter)\(String(repeating: "x", count: row % 5))\", \"answer\": \(row)}\n"
      }.joined().utf8)
  }

  /// GSM8K's layout: two configurations, whose splits the card declares.
  private static let card = """
    ---
    configs:
    - config_name: main
      data_files:
      - split: train
        path: main/train-*
      - split: test
        path: main/test-*
    - config_name: socratic
      data_files: socratic/*.jsonl
    ---
    # GSM8K
    """

  private func run(_ body: (HubBeside) async throws -> Void) async throws {
    try await HubBeside.run { shop in
      // Numbers are no letters of the workshop's tokenizer: what is unknown is left out, so prompts tell rows apart.
      shop.hub.add(
        "datasets/owner/gsm",
        files: [
          "README.md": Data(Self.card.utf8),
          "main/train-00000-of-00002.jsonl": Self.rows(7, "a"),
          "main/train-00001-of-00002.jsonl": Self.rows(5, "b"),
          "main/test-00000-of-00001.jsonl": Self.rows(4, "c"),
          "socratic/rows.jsonl": Self.rows(3, "d"),
        ])
      try await body(shop)
    }
  }

  private func training(_ shop: HubBeside, _ data: String, _ more: String...) -> [String] {
    shop.workshop.training(into: "a", "--iters", "2", "--target", "all-linear")
      .map { $0 == shop.workshop.data.path ? data : $0 } + more
  }

  @Test func `trains, evaluates and is checked, and is there offline`() async throws {
    try await run { shop in
      let template = ["--prompt-template", "q: {question}\\na:"]
      let run = try await shop.lowrank(
        training(shop, "owner/gsm:main", "--valid-share", "0.25") + template)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors.contains("owner/gsm is read at commit "))
      #expect(
        run.errors.contains(
          "main/train-00000-of-00002.jsonl and 1 more: 9 rows to train on, 3 to evaluate on"),
        "\(run.errors)")
      #expect(try run.json()["valid_loss"]?.double != nil)
      // Training asks for no test rows.
      #expect(!shop.hub.log.contains { $0.path.contains("test-") || $0.path.contains("socratic") })
      let adapter = shop.workshop.place("a").path
      let facts = try JSONFile(at: shop.workshop.place("a/lowrank.json")).object("task").object
      #expect(facts["prompt_template"] == "q: {question}\na:")
      #expect(facts["completion_column"] == "answer")
      let evaluate = [
        "evaluate", "--model", shop.workshop.model.path, "--adapter", adapter, "--json", "--data",
      ]
      let byName = try await shop.lowrank(evaluate + ["owner/gsm:main"])
      #expect(byName.status == 0, "\(byName.errors)")
      #expect(byName.errors.contains("main/test-00000-of-00001.jsonl: 4 rows"))
      let folder = shop.workshop.place("local")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Self.rows(4, "c").write(to: folder.appending(path: "test.jsonl"))
      let byFolder = try await shop.lowrank(evaluate + [folder.path])
      #expect(byName.output == byFolder.output)
      let train = try await shop.lowrank(evaluate + ["owner/gsm:main", "--split", "train"])
      #expect(train.errors.contains("12 rows"), "\(train.errors)")
      shop.hub.clearLog()
      let offline = try await shop.lowrank(
        evaluate + ["owner/gsm:main"], ["HF_HUB_OFFLINE": "1"])
      #expect(offline.output == byName.output && shop.hub.log.isEmpty)
      let check = try await shop.lowrank(
        [
          "data", "check", "--model", shop.workshop.model.path, "--data", "owner/gsm:main",
        ] + template)
      #expect(check.status == 0, "\(check.errors)")
      #expect(check.output.contains("prompt   q: {question}⏎a:"), "\(check.output)")
      #expect(check.output.contains("columns  question → answer"))
      #expect(check.output.contains("12 rows, 12 kept"))
    }
  }

  @Test func `is read at the revision that its name has`() async throws {
    try await HubBeside.run { shop in
      let id = "datasets/owner/plain"
      shop.hub.add(id, files: ["train.jsonl": Self.rows(7, "a")])
      shop.hub.tag(id, "v1")
      shop.hub.add(id, files: ["train.jsonl": Self.rows(2, "b")])
      let newest = try await shop.lowrank(training(shop, "owner/plain"))
      #expect(newest.status == 0 && newest.errors.contains(": 2 rows"), "\(newest.errors)")
      let tagged = try await shop.lowrank(training(shop, "owner/plain@v1", "--overwrite"))
      #expect(tagged.status == 0 && tagged.errors.contains(": 7 rows"), "\(tagged.errors)")
      #expect(tagged.errors.contains("owner/plain@v1 is read at commit "))
    }
  }

  @Test func `names its configurations where none is named`() async throws {
    try await run { shop in
      let run = try await shop.lowrank(training(shop, "owner/gsm"))
      #expect(run.status == 1)
      #expect(
        run.errors.contains(
          "owner/gsm: there are several configurations, main, socratic; name one as owner/gsm:main"),
        "\(run.errors)")
      let wrong = try await shop.lowrank(training(shop, "owner/gsm:socratc"))
      #expect(wrong.status == 1 && wrong.errors.contains("is \"socratic\" meant?"))
      let other = try await shop.lowrank(training(shop, "owner/gsm:socratic"))
      #expect(other.status == 0 && other.errors.contains("3 rows"), "\(other.errors)")
    }
  }

  @Test func `gives way to a folder, and is reported where it is neither`() async throws {
    try await run { shop in
      let answer = try await shop.lowrank(training(shop, "owner/nothing"))
      #expect(answer.status == 1)
      #expect(
        answer.errors.contains("owner/nothing: there is no such file or folder, and the dataset"))
      #expect(answer.errors.contains("has no dataset owner/nothing"))
      shop.hub.clearLog()
      let path = try await shop.lowrank(training(shop, "owner/nothing.jsonl"))
      #expect(path.status == 1 && shop.hub.log.isEmpty)
      #expect(path.errors.contains("owner/nothing.jsonl: there is no such file or folder"))
    }
  }

  @Test func `is pulled`() async throws {
    try await run { shop in
      let answer = try await shop.lowrank(["pull", "owner/gsm:main", "--dataset", "--json"])
      #expect(answer.status == 0, "\(answer.errors)")
      let json = try answer.json()
      #expect(json["name"] == "owner/gsm")
      #expect(
        json["files"] == [
          "README.md", "main/test-00000-of-00001.jsonl", "main/train-00000-of-00002.jsonl",
          "main/train-00001-of-00002.jsonl",
        ])
    }
  }

  @Test func `has splits of other names, which flags choose`() async throws {
    try await HubBeside.run { shop in
      shop.hub.add(
        "datasets/owner/chat",
        files: [
          "data/train_gen-00000-of-00001.jsonl": Self.rows(3, "a"),
          "data/test_gen-00000-of-00001.jsonl": Self.rows(2, "b"),
        ])
      let none = try await shop.lowrank(training(shop, "owner/chat"))
      #expect(none.status == 1)
      #expect(
        none.errors.contains(
          "no split is called train; the splits are test_gen, train_gen; name the one to train on with --train-split"
        ), "\(none.errors)")
      let both = try await shop.lowrank(
        training(shop, "owner/chat", "--train-split", "train_gen", "--valid-split", "test_gen"))
      #expect(both.status == 0, "\(both.errors)")
      #expect(both.errors.contains("3 rows") && both.errors.contains("2 rows"))
    }
  }
}
