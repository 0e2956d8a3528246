import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `Columns of prompts and completions` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func set(
    _ name: String, _ text: String, _ columns: TextColumns = TextColumns(),
    chat: ChatEncoding? = nil
  ) throws -> ExampleSet {
    try ExampleSet(
      at: folder.file(name, text),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 100, chat: chat),
      columns: columns)
  }

  /// What is read, with what is trained in brackets.
  private func shown(_ set: ExampleSet) -> [String] {
    set.examples.map { example in
      func text(_ ids: some Sequence<Int32>) -> String {
        String(decoding: ids.map { UInt8($0) }, as: UTF8.self)
      }
      let start = example.trained[0].lowerBound
      return text(example.ids[..<start]) + "[" + text(example.ids[start...].dropLast()) + "]"
    }
  }

  @Test(arguments: [
    ("a.csv", "id,question,text,answer\n1,ab,no,cd\n"),
    ("a.tsv", "question\tanswer\ttext\nab\tcd\tno\n"),
    ("a.jsonl", #"{"messages": [], "question": "ab", "answer": "cd"}"#),
    ("a.json", #"[{"prompt": "no", "completion": "no", "question": "ab", "answer": "cd"}]"#),
  ])
  func `are those that are given, in any format`(name: String, text: String) throws {
    let given = TextColumns(prompt: "question", completion: "answer")
    let set = try set(name, text, given)
    #expect(shown(set) == ["ab[cd]"])
    #expect(set.columns == given && set.format == .completion && set.remarks == [])
  }

  @Test func `may be one that is given beside one of the usual name`() throws {
    let text = "prompt,q,completion,a\np,q,c,a\n"
    #expect(try shown(set("a.csv", text, TextColumns(prompt: "q"))) == ["q[c]"])
    #expect(try shown(set("a.csv", text, TextColumns(completion: "a"))) == ["p[a]"])
  }

  @Test(arguments: [
    (
      "a.csv", "question,answers\na,b\n",
      """
      a.csv, line 2: there is no column "answer"; the columns are "question", "answers"; did you mean "answers"?
      """
    ),
    (
      "a.jsonl", #"{"questoin": "a", "answer": "b"}"#,
      """
      a.jsonl, line 1: there is no key "question"; the keys are "questoin", "answer"; did you mean "questoin"?
      """
    ),
    ("a.csv", "question,answer,answer\na,b,c\n", "a.csv: the header names \"answer\" twice; "),
    (
      "a.jsonl", #"{"question": true, "answer": "b"}"#,
      "a.jsonl, line 1: \"question\" must be a string or a number, found a boolean"
    ),
  ])
  func `that the file does not have are refused`(name: String, text: String, expected: String) {
    #expect(
      message { try set(name, text, TextColumns(prompt: "question", completion: "answer")) }
        .hasPrefix(expected))
  }

  @Test(arguments: [
    ("question", "answer"), ("prompt", "response"), ("query", "response"), ("input", "output"),
    ("problem", "solution"), ("mr", "ref"), ("meaning_representation", "human_reference"),
  ])
  func `are known by a pair of names, which is said`(prompt: String, completion: String) throws {
    let set = try set("a.csv", "id,\(completion),\(prompt)\n1,cd,ab\n")
    #expect(shown(set) == ["ab[cd]"])
    #expect(set.columns == TextColumns(prompt: prompt, completion: completion))
    #expect(
      set.remarks == [
        """
        a.csv: the prompt is "\(prompt)", the completion "\(completion)", joined as they are; separator puts text between \
        them, prompt_column and completion_column name others
        """
      ])
    // A text is one, whatever stands beside it.
    let text = try self.set(
      "b.csv", "text,\(completion),\(prompt == "prompt" ? "x" : prompt)\nt,b,a\n")
    #expect(text.format == .text && text.columns.isEmpty && text.remarks == [])
  }

  @Test func `of Dolly have what the instruction is about on a line of its own`() throws {
    let row = #"{"instruction": "a", "context": "c", "response": "b", "category": "x"}"#
    let plain = try set("a.jsonl", row)
    #expect(shown(plain) == ["a\nc[b]"] && plain.format == .alpaca)
    #expect(
      plain.remarks.first
        == #"a.jsonl: the prompt is "instruction", with "context" if there is one; the completion is "response""#
    )
    #expect(
      plain.remarks.last?.hasSuffix(
        "the context on the next line where there is one, then separator; the response is the completion"
      )
        == true)
    let chat = try set(
      "b.jsonl", #"{"instruction": "a", "response": "b"}"#,
      chat: ChatEncoding(FakeRenderer(), ends: .bars))
    #expect(chat.holdsConversations)
  }

  @Test(arguments: [
    (
      "question,answer,input,output\na,b,c,d\n",
      """
      a.csv, line 2: "question" and "answer", or "input" and "output", may be prompt and completion; name them with \
      prompt_column and completion_column, the columns are "question", "answer", "input", "output"
      """
    ),
    (
      "question,context,answer\na,b,c\n",
      """
      a.csv, line 2: "question" and "answer" are not the only columns; name those to train on with prompt_column and \
      completion_column, the columns are "question", "context", "answer"
      """
    ),
  ])
  func `are asked for where they are not clear`(text: String, expected: String) throws {
    #expect(message { try set("a.csv", text) } == expected)
    let given = TextColumns(prompt: "question", completion: "answer")
    #expect(try set("a.csv", text, given).columns == given)
  }

  @Test func `that an adapter was trained on give way to those that a file has`() throws {
    let json = try #require(TextColumns(prompt: "q", completion: "a").json)
    #expect(json == ["prompt_column": "q", "completion_column": "a"])
    let kept = TextColumns(kept: json)
    #expect(try shown(set("a.csv", "q,text,a\nab,no,cd\n", kept)) == ["ab[cd]"])
    #expect(try shown(set("b.csv", "prompt,completion\nab,cd\n", kept)) == ["ab[cd]"])
    // Where nothing fits, the columns that the file has are named, as without an adapter.
    #expect(
      message { try set("c.csv", "sentence,label\nab,1\n", kept) }.contains(
        "there is no column \"text\"; the columns are \"sentence\", \"label\"; text_column names another"
      ))
    #expect(TextColumns().json == nil)
    #expect(TextColumns(kept: [:]).isEmpty)
  }

  @Test func `that are usual are not kept`() throws {
    #expect(try set("a.csv", "prompt,completion\na,b\n").columns.isEmpty)
    #expect(try set("a.csv", "text\nab\n", TextColumns(text: "text")).columns.isEmpty)
    #expect(
      try set("a.csv", "body\nab\n", TextColumns(text: "body")).columns == TextColumns(text: "body")
    )
  }
}
