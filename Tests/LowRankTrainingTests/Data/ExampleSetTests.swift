import Foundation
import LowRankTraining
import Testing

@Suite struct `A set of examples` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func set(
    _ name: String, _ text: String, length: Int = 100, column: String? = nil
  ) throws -> ExampleSet {
    try ExampleSet(
      at: folder.file(name, text),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: length),
      columns: TextColumns(text: column))
  }

  private func texts(_ set: ExampleSet) -> [String] {
    set.examples.map { String(decoding: $0.ids.dropLast().map { UInt8($0) }, as: UTF8.self) }
  }

  @Test(arguments: [
    ("a.jsonl", "{\"id\": 1, \"text\": \"ab\"}\n{\"text\": \"c\"}"),
    ("a.json", "[{\"text\": \"ab\"}, {\"text\": \"c\"}]"),
    ("a.csv", "text,label\nab,1\nc,2\n"),
    ("a.tsv", "label\ttext\n1\tab\n2\tc\n"),
    ("a.txt", "ab\nc\n"),
  ])
  func `reads the column text of any format`(name: String, text: String) throws {
    let set = try set(name, text)
    #expect(texts(set) == ["ab", "c"])
    #expect(set.examples.map(\.trained) == [[1..<3], [1..<2]])
  }

  @Test func `reads prompts with completions`() throws {
    let set = try set("a.jsonl", #"{"prompt": "ab", "completion": "cd", "text": "no"}"#)
    #expect(texts(set) == ["abcd"])
    #expect(set.examples[0].trained == [2..<5])
  }

  @Test func `reads a named column`() throws {
    let rows = "{\"text\": \"no\", \"messages\": [], \"sentence\": \"ab\"}"
    #expect(try texts(set("a.jsonl", rows, column: "sentence")) == ["ab"])
  }

  @Test(arguments: [
    (
      "a.jsonl", "{\"text\": \"a\"}\n{\"txet\": \"b\", \"id\": 1}",
      """
      a.jsonl, line 2: there is no key "text"; the keys are "txet", "id"; did you mean "txet"?
      """
    ),
    (
      "a.jsonl", "{\"prompt\": \"a\", \"completon\": \"b\"}",
      """
      a.jsonl, line 1: there is no key "completion"; the keys are "prompt", "completon"; \
      did you mean "completon"?
      """
    ),
    (
      "a.csv", "sentence,label\na,b",
      """
      a.csv, line 2: there is no column "text"; the columns are "sentence", "label"; text_column names another, or \
      prompt_column and completion_column a pair; "label" looks like a label: task classification trains a classifier
      """
    ),
    (
      "a.json", "[{}]",
      """
      a.json, row 1: there is no key "text"; the row has no keys; text_column names another, or prompt_column and \
      completion_column a pair
      """
    ),
    (
      "a.jsonl", "{\"text\": null}",
      "a.jsonl, line 1: \"text\" must be a string or a number, found null"
    ),
    (
      "a.jsonl", "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"c\"}",
      """
      a.jsonl, line 1: a preference row, "chosen" and "rejected"; objective dpo learns to prefer the chosen \
      answers; to learn them alone, write them as "messages", or as "prompt" and "completion"
      """
    ),
    (
      "a.txt", "\n\n",
      "a.txt: no row has a trained token (2 rows, 2 empty and left out, 0 tokens, "
        + "0 of them trained)"
    ),
  ])
  func `refuses rows that it cannot learn from`(name: String, text: String, expected: String) {
    #expect(message { try set(name, text) } == expected)
  }

  @Test func `counts what it truncates and leaves out`() throws {
    let rows = """
      {"prompt": "a", "completion": "b"}
      {"prompt": "abcd", "completion": "e"}
      {"prompt": "ab", "completion": "cdef"}
      {"prompt": "", "completion": ""}
      {"prompt": "abc", "completion": ""}
      """
    let set = try set("a.jsonl", rows, length: 4)
    #expect(set.examples.map(\.ids) == [[97, 98, 0], [97, 98, 99, 100], [97, 98, 99, 0]])
    #expect(set.examples.map(\.trained) == [[1..<3], [2..<4], [3..<4]])
    #expect(set.counts.kept == 3)
    #expect(
      set.counts.description
        == """
        5 rows, 2 truncated, 1 empty and left out, 1 left out without a trained token, \
        11 tokens, 5 of them trained
        """)
  }

  @Test func `of a folder are read together`() throws {
    for name in ["train", "dev", "test"] { _ = try folder.file("\(name).txt", name) }
    let data = try Dataset(
      DataFiles(at: folder.url),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 9))
    #expect(texts(data.train) == ["train"])
    #expect(data.valid.map(texts) == ["dev"])
    #expect(data.test.map(texts) == ["test"])
  }
}
