import Foundation
import LowRank
import Testing

/// The workshop's tokenizer has a token for each letter, but none for digits and capitals, and no token for unknown ones.
@Suite struct `Characters that a tokenizer lacks` {
  private static let sentence =
    "the tokenizer has no token for 3 of 6 characters (50.0 %) and leaves them out: \"1\" \"X\""

  @Test(arguments: ["score", "generate"])
  func `are named for a text of the command line`(verb: String) throws {
    let workshop = try Workshop()
    let text =
      verb == "score" ? ["--text", "ab1c1X"] : ["--prompt", "ab1c1X", "--max-tokens", "1"]
    let answer = try Lowrank([verb, "--model", workshop.model.path, "--precision", "f32"] + text)
    #expect(answer.status == 0)
    let warnings = answer.errors.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
    #expect(warnings == ["warning: \(text[0]): \(Self.sentence)"], "\(answer.errors)")
    let whole = try Lowrank(
      [verb, "--model", workshop.model.path] + text.map { $0 == "ab1c1X" ? "abc" : $0 })
    #expect(!whole.errors.contains("warning"), "\(whole.errors)")
  }

  @Test func `are named once in training, with their share`() throws {
    let workshop = try Workshop()
    for name in ["train.jsonl", "valid.jsonl"] {
      try "{\"text\": \"ab1\"}\n{\"text\": \"c1X\"}\n".write(
        to: workshop.data.appending(path: name), atomically: true, encoding: .utf8)
    }
    let answer = try Lowrank(workshop.training(into: "a", "--iters", "1"))
    #expect(answer.status == 0)
    let warnings = answer.errors.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
    #expect(
      warnings == ["warning: \(workshop.data.path)/train.jsonl: \(Self.sentence)"],
      "\(answer.errors)")
  }

  @Test func `are the reason where no row is left`() throws {
    let workshop = try Workshop()
    let file = workshop.place("digits.jsonl")
    try "{\"text\": \"12\"}\n".write(to: file, atomically: true, encoding: .utf8)
    let answer = try Lowrank("evaluate", "--model", workshop.model.path, "--data", file.path)
    // The end of the text is a token, but the first one, which nothing precedes.
    #expect(answer.status == 1)
    #expect(answer.errors.contains("no row has a trained token"), "\(answer.errors)")
    #expect(answer.errors.contains("no token for 2 of 2 characters (100.0 %)"), "\(answer.errors)")
  }

  @Test func `are counted by data check`() throws {
    let workshop = try Workshop()
    try "{\"text\": \"ab1\"}\n{\"text\": \"c1X\"}\n".write(
      to: workshop.data.appending(path: "train.jsonl"), atomically: true, encoding: .utf8)
    let flags = ["data", "check", "--model", workshop.model.path, "--data", workshop.data.path]
    let answer = try Lowrank(flags)
    #expect(answer.errors.contains("train.jsonl: \(Self.sentence)"), "\(answer.errors)")
    #expect(!answer.errors.contains("valid.jsonl: the tokenizer"))
    let files = try #require(try Lowrank(flags + ["--json"]).json()["files"]?.array)
    #expect(files.map { $0.object?["lost_characters"]?.integer } == [3, 0])
    #expect(files[0].object?["unknown_tokens"] == .null)
  }

  @Test
  func `are tokens of their own if the tokenizer has one for them, and data check says how many`()
    throws
  {
    let workshop = try ClassifierWorkshop()
    try workshop.write(
      "sentence\tlabel\nthe film was good\tgood\nthe opera was 3\tbad\nthe song was a\tfine\n",
      to: workshop.data,
      "train.tsv")
    let flags = [
      "data", "check", "--task", "classification", "--model", workshop.model.path, "--data",
      workshop.data.path,
    ]
    let answer = try Lowrank(flags)
    // [CLS] and [SEP] stand around four words each.
    #expect(
      answer.errors.contains(
        "train.tsv: 2 of 18 tokens (11.1 %) are [UNK], for text that the vocabulary lacks"),
      "\(answer.errors)")
    let files = try Lowrank(flags + ["--json"]).json()["files"]?.array
    #expect(files?.map { $0.object?["unknown_tokens"]?.integer } == [2, 0])
    let training = try Lowrank(workshop.training(into: "a", "--iters", "1"))
    #expect(training.status == 0 && !training.errors.contains("[UNK]"), "\(training.errors)")
  }
}
