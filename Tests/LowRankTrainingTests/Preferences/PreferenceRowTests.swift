import Foundation
import LowRankTraining
import Testing

@Suite struct `A row of preferences` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func examples(
    _ text: String, isPaired: Bool = true, length: Int = 200, name: String = "a.jsonl",
    columns: TextColumns = TextColumns(), label: String? = nil, separator: String = ""
  ) throws -> PreferenceExamples {
    try PreferenceExamples(
      of: DataSplit(folder.file(name, text)),
      encoder: ExampleEncoder(
        ByteEncoder(), endOfSequence: 0, maxLength: length, separator: separator,
        chat: ChatEncoding(FakeRenderer(), ends: .bars)), isPaired: isPaired,
      columns: columns, label: label)
  }

  private func text(_ ids: some Sequence<Int32>) -> String {
    String(decoding: ids.map { $0 == 0 ? UInt8(ascii: "$") : UInt8($0) }, as: UTF8.self)
  }

  /// The prompt and the answers, `$` being the end of sequence.
  private func parts(_ example: PreferenceExample) -> [String] {
    [text(example.sides[0].ids.prefix(example.promptCount))]
      + example.sides.map { text($0.ids.dropFirst(example.promptCount)) }
  }

  private static let alone = #"[{"role": "assistant", "content": "b"}]"#
  private static let other = #"[{"role": "assistant", "content": "c"}]"#
  private static let asked =
    #"[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]"#
  private static let askedElse =
    #"[{"role": "user", "content": "a"}, {"role": "assistant", "content": "c"}]"#
  private static let turns = ["<user>a|\n<assistant>", "b|\n", "c|\n"]

  @Test(arguments: [
    (#"{"prompt": "ab ", "chosen": "cd", "rejected": "e"}"#, ["ab ", "cd$", "e$"]),
    (#"{"prompt": "ab", "chosen": "cd", "rejected": "ce"}"#, ["ab", "cd$", "ce$"]),
    (#"{"question": "ab", "chosen": "cd", "rejected": "e"}"#, ["ab", "cd$", "e$"]),
    (
      #"{"instruction": "a", "input": "b", "chosen": "c", "rejected": "d"}"#,
      ["a\nb", "c$", "d$"]
    ),
    (#"{"chosen": "ab cd", "rejected": "ab e"}"#, ["ab", " cd$", " e$"]),
    (#"{"chosen": "abc", "rejected": "ab"}"#, ["a", "bc$", "b$"]),
    (
      #"{"prompt": [{"role": "user", "content": "a"}], "chosen": \#(alone), "rejected": \#(other)}"#,
      turns
    ),
    (#"{"chosen": \#(asked), "rejected": \#(askedElse)}"#, turns),
    (#"{"prompt": "a", "chosen": \#(asked), "rejected": \#(askedElse)}"#, turns),
    (#"{"prompt": "a", "chosen": \#(alone), "rejected": \#(other)}"#, turns),
    (
      #"{"prompt": [{"role": "user", "content": "a"}], "chosen": "b", "rejected": "c"}"#, turns
    ),
    (
      #"{"conversations": [{"from": "human", "value": "a"}], "chosen": {"from": "gpt", "value": "b"}, "rejected": {"from": "gpt", "value": "c"}}"#,
      turns
    ),
  ])
  func `has a prompt and two answers, as texts or as turns`(
    row: String, expected: [String]
  ) throws {
    let read = try examples(row)
    #expect(read.examples.map(parts) == [expected])
    let example = read.examples[0]
    for side in example.sides {
      #expect(side.trained == [example.promptCount..<side.ids.count])
    }
    #expect(read.holdsConversations == (expected == Self.turns))
  }

  @Test(arguments: [
    (#"{"prompt": "ab", "completion": "cd", "label": true}"#, ["ab", "cd$"], true),
    (#"{"prompt": "ab", "completion": "cd", "label": 0}"#, ["ab", "cd$"], false),
    (#"{"prompt": "ab", "completion": "cd", "label": "False"}"#, ["ab", "cd$"], false),
    (
      #"{"prompt": [{"role": "user", "content": "a"}], "completion": \#(alone), "label": true}"#,
      ["<user>a|\n<assistant>", "b|\n"], true
    ),
    (#"{"messages": \#(asked), "label": false}"#, ["<user>a|\n<assistant>", "b|\n"], false),
  ])
  func `without pairs has an answer that is good or bad`(
    row: String, expected: [String], isDesirable: Bool
  ) throws {
    let read = try examples(row, isPaired: false)
    #expect(read.examples.map(parts) == [expected])
    #expect(read.examples[0].isDesirable == isDesirable)
  }

  @Test func `has the columns that are named, and what stands between`() throws {
    let pair = try examples(
      #"{"q": "a", "chosen": "b", "rejected": "c"}"#, columns: TextColumns(prompt: "q"),
      separator: ": ")
    #expect(pair.examples.map(parts) == [["a: ", "b$", "c$"]])
    let single = try examples(
      #"{"q": "a", "answer": "b", "good": true}"#, isPaired: false,
      columns: TextColumns(prompt: "q", completion: "answer"), label: "good")
    #expect(single.examples.map(parts) == [["a", "b$"]])
  }

  @Test func `is left out where its prompt fills the length, or nothing differs in it`() throws {
    let read = try examples(
      """
      {"prompt": "abcdefgh", "chosen": "x", "rejected": "y"}
      {"prompt": "ab", "chosen": "cdefghix", "rejected": "cdefghiy"}
      {"prompt": "ab", "chosen": "cdefghx", "rejected": "e"}
      """, length: 8)
    #expect(read.examples.map(parts) == [["ab", "cdefgh", "e$"]])
    #expect(read.rowNumbers == [3])
    #expect((read.counts.filled, read.counts.same, read.counts.truncated) == (1, 1, 3))
    #expect(
      read.warnings.contains {
        $0.hasSuffix(
          "in 1 of 3 rows the prompt alone fills 8 tokens, so no answer is left; they are left out")
      })
  }

  @Test(arguments: [
    (
      #"{"prompt": "a", "chosen": "b"}"#, true,
      #"line 1: there is no key "rejected"; the keys are "prompt", "chosen""#
    ),
    (
      #"{"prompt": "a", "chosen": "b", "rejected": null}"#, true,
      #"line 1: "rejected" is empty; every row needs both answers"#
    ),
    (
      #"{"prompt": "a", "chosen": "b", "rejected": ""}"#, true,
      #"line 1: "rejected" is empty; every row needs both answers"#
    ),
    (
      "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"c\"}\n"
        + #"{"prompt": "a", "chosen": "b", "rejected": "b"}"#, true,
      #"line 2: "chosen" and "rejected" are the same, so the row prefers nothing; leave it out"#
    ),
    (
      #"{"chosen": \#(asked), "rejected": \#(asked)}"#, true,
      #"line 1: "chosen" and "rejected" are the same, so the row prefers nothing; leave it out"#
    ),
    (
      #"{"prompt": "a", "completion": "b", "label": true}"#, true,
      #"line 1: there is no key "chosen"; the keys are "prompt", "completion", "label"; answers that are good or bad are for objective kto"#
    ),
    (
      #"{"prompt": "a", "chosen": "b", "rejected": "c"}"#, false,
      #"line 1: there is no key "label"; the keys are "prompt", "chosen", "rejected"; pairs are for objective dpo, orpo or simpo"#
    ),
    (
      #"{"prompt": "a", "completion": "b", "label": "good"}"#, false,
      #"line 1: "label" must be true for a good answer or false for a bad one, found "good""#
    ),
    (
      #"{"prompt": "abcdefgh", "chosen": "x", "rejected": "y"}"#, true,
      "no row is left to learn from (1 row, 1 truncated, 1 left out, whose prompts fill the length, 0 tokens, 0 of them of answers); max_seq_length is the number of tokens that are kept"
    ),
  ])
  func `that is not as expected is refused with its line`(
    row: String, isPaired: Bool, expected: String
  ) throws {
    let error = #expect(throws: DataError.self) {
      try examples(row, isPaired: isPaired, length: expected.hasPrefix("no row") ? 8 : 200)
    }
    #expect(error?.description.hasSuffix(expected) == true, "\(error?.description ?? "")")
  }
}
