import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `A turn that says whether it is trained` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func set(
    _ text: String, _ name: String = "a.jsonl", marks: Bool = false,
    dropsThoughts: Bool = false, turns: TrainedTurns = .assistant
  ) throws -> ExampleSet {
    let renderer = FakeRenderer(marks: marks, dropsThoughts: dropsThoughts)
    return try ExampleSet(
      at: folder.file(name, text),
      encoder: ExampleEncoder(
        ByteEncoder(), endOfSequence: 0, maxLength: 500,
        chat: ChatEncoding(renderer, learns: turns, ends: .bars)))
  }

  private func trained(_ set: ExampleSet) -> [String] {
    set.examples.flatMap { example in
      example.trained.map { String(decoding: example.ids[$0].map { UInt8($0) }, as: UTF8.self) }
    }
  }

  /// Three questions and answers, the answers with more keys.
  private func row(_ keys: String...) -> String {
    let turns = keys.enumerated().map { index, key in
      #"{"role": "user", "content": "q"}, {"role": "assistant", "content": "\#(index)"\#(key)}"#
    }
    return #"{"messages": [\#(turns.joined(separator: ", "))]}"#
  }

  @Test(
    arguments: [
      #", "weight": 0"#, #", "weight": 0.0"#, #", "weight": false"#, #", "train": false"#,
      #", "training": false"#, #", "train": 0"#, #", "weight": 0, "train": false"#,
    ], [false, true])
  func `is not trained by 0 or false`(key: String, marks: Bool) throws {
    #expect(try trained(set(row(key, "", ""), marks: marks)) == ["1|", "2|"])
    #expect(try trained(set(row("", key, ""), marks: marks)) == ["0|", "2|"])
    #expect(try trained(set(row("", "", key), marks: marks)) == ["0|", "1|"])
    #expect(try trained(set(row(key, "", key), marks: marks)) == ["1|"])
  }

  @Test(arguments: [
    "", #", "weight": 1"#, #", "weight": 1.0"#, #", "train": true"#, #", "weight": null"#,
    #", "train_detail": null"#,
  ])
  func `is trained otherwise`(key: String) throws {
    let set = try set(row(key, key, key))
    #expect(trained(set) == ["0|", "1|", "2|"])
    #expect(set.remarks == [])
  }

  @Test(arguments: [false, true])
  func `is not the last one trained where the last says no`(marks: Bool) throws {
    let no = #", "weight": 0"#
    let rows = row(no, "", "") + "\n" + row("", "", no)
    let set = try set(rows, marks: marks, turns: .last)
    #expect(trained(set) == ["2|"])
    #expect(set.counts.marked == 1 && set.counts.kept == 1)
  }

  @Test func `keeps its place where the template writes earlier turns differently`() throws {
    let rows = #"""
      {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x#a"}, {"role": "user", "content": "q"}, {"role": "assistant", "content": "y#b", "weight": 0}, {"role": "user", "content": "q"}, {"role": "assistant", "content": "z#c"}]}
      """#
    #expect(try trained(set(rows, marks: true, dropsThoughts: true)) == ["a|", "z#c|"])
    #expect(try trained(set(rows, dropsThoughts: true)) == ["z#c|"])
  }

  @Test(arguments: [
    (#"{"from": "gpt", "value": "b", "weight": 0}"#, #"{"from": "gpt", "value": "d"}"#),
    (
      #"{"from": "gpt", "value": "b", "train": false}"#,
      #"{"from": "gpt", "value": "d", "train": true}"#
    ),
    (
      #"{"from": "function_call", "value": "{\"name\": \"f\"}", "weight": 0}"#,
      #"{"from": "gpt", "value": "d"}"#
    ),
  ])
  func `of ShareGPT too, beside a system text`(first: String, second: String) throws {
    let rows =
      #"{"system": "s", "conversations": [{"from": "human", "value": "a"}, \#(first), {"from": "human", "value": "c"}, \#(second)]}"#
    #expect(try trained(set(rows)) == ["d|"])
  }

  @Test func `of a completion too, and in a table as JSON or as Python prints it`() throws {
    let turns = [
      #"[{"role": "user", "content": "a"}]"#,
      #"[{"role": "assistant", "content": "b", "weight": 0}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]"#,
    ]
    #expect(
      try trained(set("{\"prompt\": \(turns[0]), \"completion\": \(turns[1])}")) == ["d|"])
    func cell(_ text: String) -> String { "\"\(text.replacing("\"", with: "\"\""))\"" }
    let table = "prompt,completion\n\(cell(turns[0])),\(cell(turns[1]))\n"
    #expect(try trained(set(table, "a.csv")) == ["d|"])
    let printed = """
      messages
      "[{'role': 'user', 'content': ""it's""}, {'role': 'assistant', 'content': 'b', 'train': False}, {'role': 'user', 'content': 'c'}, {'role': 'assistant', 'content': 'd\\n'}]"
      "[{'role': 'user', 'content': 'a'}
       {'role': 'assistant', 'content': 'e', 'weight': None}]"

      """
    #expect(try trained(set(printed, "b.csv")) == ["d\n|", "e|"])
  }

  @Test func `leaves a row out where all turns say no, and counts it`() throws {
    let no = #", "weight": 0"#
    let set = try set(row(no, no, no) + "\n" + row("", no, ""))
    #expect(set.counts.marked == 1 && set.counts.untrained == 0 && set.counts.kept == 1)
    #expect(set.counts.markedTurns == 1)
    #expect(
      set.remarks
        == [#"a.jsonl: 1 turn of the assistant is not trained, as "weight" or "train" says"#])
    #expect(
      message { try self.set(row(no, no, no)) }.hasPrefix(
        "a.jsonl: no row has a trained token (1 row, 1 left out as weight or train excludes every turn"
      ))
  }

  @Test func `says where another speaker's turn should be trained`() throws {
    let set = try set(
      #"{"messages": [{"role": "user", "content": "a", "train": true}, {"role": "assistant", "content": "b"}]}"#
    )
    #expect(trained(set) == ["b|"])
    #expect(
      set.remarks == [
        """
        a.jsonl: 1 turn of other speakers should be trained, as "weight" or "train" says, but only turns of the assistant \
        are
        """
      ])
  }

  @Test func `is another row than one that does not`() throws {
    func key(_ mark: String) throws -> [Int] {
      let url = try folder.file("k.jsonl", row(mark) + "\n" + row(""))
      let encoder = ExampleEncoder(
        ByteEncoder(), endOfSequence: 0, maxLength: 99,
        chat: ChatEncoding(FakeRenderer(), ends: .bars))
      return try FileCheck(
        at: url, encoder: encoder, ends: [], names: TokenNames(special: []) { _ in nil }
      ).duplicates.map(\.row)
    }
    #expect(try key(#", "weight": 0"#) == [])
    #expect(try key(#", "weight": 1"#) == [2])
  }

  @Test(arguments: [
    (#", "weight": 0.5"#, #""weight" of message 2 is 0.5, expected 0 or 1: "#),
    (#", "weight": 2"#, #""weight" of message 2 is 2, expected 0 or 1: "#),
    (#", "weight": "0""#, #""weight" of message 2 is "0", expected 0 or 1: "#),
    (#", "weight": NaN"#, #""weight" of message 2 is NaN, expected 0 or 1: "#),
    (#", "train": "no""#, #""train" of message 2 is "no", expected true or false: "#),
    (#", "train": true, "weight": 0"#, "message 2 contradicts itself: "),
    (
      #", "train_detail": [{"begin_offset": 0}]"#,
      #"message 2 has "train_detail", but a turn is trained whole or not at all; "#
    ),
  ])
  func `by anything else is refused`(keys: String, expected: String) {
    #expect(message { try set(row(keys)) }.hasPrefix("a.jsonl, line 1: " + expected))
  }
}
