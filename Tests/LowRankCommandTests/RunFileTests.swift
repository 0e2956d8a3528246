import Foundation
import LowRank
import Testing

@Suite struct `A run's file` {
  private func answer(_ yaml: String, _ flags: (String) -> [String]) throws -> Lowrank {
    let url = FileManager.default.temporaryDirectory.appending(path: "run-\(UUID()).yaml")
    defer { try? FileManager.default.removeItem(at: url) }
    try yaml.write(to: url, atomically: true, encoding: .utf8)
    return try Lowrank(["train"] + flags(url.path))
  }

  @Test(arguments: [
    ("rank: four", "\"rank\" is four, expected a whole number"),
    ("rank: true", "\"rank\" is true, expected a whole number"),
    ("rank: [1, 2]", "\"rank\" is a list, expected a whole number"),
    ("seed: 0x10", "\"seed\" is 0x10, expected a whole number"),
    ("learning_rate: high", "\"learning_rate\" is high, expected a number"),
    ("rslora: 1", "\"rslora\" is 1, expected true or false"),
    ("dora: \"false\"", "\"dora\" is \"false\", expected true or false"),
    ("text_column: no", "\"text_column\" is no, expected text; put it between quotes"),
    ("layers: [0, [1, 2]]", "\"layers\" holds a list"),
    ("target: [q_proj, ~]", "\"target\" holds null"),
    ("rank_pattern: {q_proj: {a: 2}}", "\"rank_pattern\" has a mapping for q_proj"),
    ("model: {a: b}", "\"model\" is a mapping, expected text"),
    ("help: true", "unknown key \"help\""),
    ("version: true", "unknown key \"version\""),
    ("config: other.yaml", "unknown key \"config\""),
    ("rnak: 4", "unknown key \"rnak\"; did you mean \"rank\"?"),
    ("rank: 4\nmodel: m\nrank: 5", "the key \"rank\" occurs twice"),
    ("learning_rate: 1\nlearning-rate: 2", "the key \"learning-rate\" occurs twice"),
    (
      "rank: 4\nmodel: [m",
      "line 3: not YAML: expected \",\" or \"]\" in the list that begins in line 2"
    ),
    ("model: a: b", "line 1: not YAML: expected one \"key: value\" in a line"),
    ("rank: 4\n  model: m", "line 2: not YAML: expected one \"key: value\" in a line"),
    ("rank: 4\n\tmodel: m", "line 2: not YAML: a tab, expected spaces before a key"),
    ("  rank: 4\n model: m", "line 2: not YAML: expected \"key: value\", indented as the keys"),
    (
      "model: \"m", "line 2: not YAML: expected the closing quote of the text that begins in line 1"
    ),
    ("rank: 4\nmodel", "line 2: not YAML: expected \"key: value\", with a colon and a space"),
    ("rank: 4\n---\nmodel: m", "line 2: not YAML: a second document, expected one"),
    ("model: @m", "line 1: not YAML: a value that begins with \"@\" needs quotes"),
    ("model: *m", "line 1: not YAML: a value that begins with \"*\" or \"&\" needs quotes"),
    ("model: - m", "line 1: not YAML: expected entries of a list in lines of their own"),
    ("only words", "expected settings as `key: value`"),
  ])
  func `is refused by its name, the key, and what was expected`(
    yaml: String, sentence: String
  ) throws {
    let answer = try answer(yaml + "\n") { ["-c", $0] }
    #expect(answer.status == 2, "\(answer.errors)")
    #expect(answer.errors.contains(".yaml"), "\(answer.errors)")
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
    #expect(answer.errors.filter { $0 == "\n" }.count == 1, "\(answer.errors)")
  }

  @Test func `is found however it is given`() throws {
    for flags in [["-c", ""], ["--config", ""], ["--config="], ["-c="], ["-c"]] {
      let answer = try answer("adapter_path: a\nmodel: nomodel\n") { path in
        flags.dropLast() + [(flags.last ?? "") + path]
      }
      #expect(answer.status == 1)
      #expect(answer.errors.contains("nomodel does not exist"), "\(flags): \(answer.errors)")
    }
  }

  @Test func `is given once`() throws {
    let answer = try answer("rank: 4\n") { ["-c", $0, "--config=\($0)"] }
    #expect(answer.status == 2)
    #expect(answer.errors.contains("is given twice; give it once"))
    let lonely = try Lowrank("train", "-c")
    #expect(lonely.status == 2)
    #expect(lonely.errors.contains("-c needs a YAML file"))
  }

  @Test func `may hold what a command line can`() throws {
    let answer = try answer(
      """
      adapter_path: -a
      model: nomodel
      separator: ""
      dora: off
      rank: ~
      adam_betas: [0.9, 0.99]
      text_column: "no"
      learning_rate: 1e-4

      """
    ) { ["-c", $0] }
    #expect(answer.status == 1, "\(answer.errors)")
    #expect(answer.errors.contains("nomodel does not exist"), "\(answer.errors)")
  }

  @Test func `gives way to steps or epochs on the command line`() throws {
    let workshop = try Workshop()
    for (yaml, flag) in [("epochs: 3", "--iters"), ("iters: 3", "--epochs")] {
      let place = workshop.place(flag).path
      let answer = try answer(yaml) {
        [
          "-c", $0, "--model", workshop.model.path, "--data", workshop.data.path,
          "--adapter-path", place, flag, "1", "--batch-size", "40", "--json",
        ]
      }
      #expect(answer.status == 0, "\(answer.errors)")
      #expect(try answer.json()["steps"]?.integer == 1)
    }
  }
}
