import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `A template of prompts` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func set(_ name: String, _ text: String, _ columns: TextColumns) throws -> ExampleSet {
    try ExampleSet(
      at: folder.file(name, text),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 100), columns: columns)
  }

  private func shown(_ set: ExampleSet) -> [String] {
    set.examples.map { example in
      String(decoding: example.ids.dropLast().map { UInt8($0) }, as: UTF8.self)
        + " from \(example.trained[0].lowerBound)"
    }
  }

  @Test(arguments: [
    ("{a}", "1"), ("Q: {a}\n{b}:{a}", "Q: 1\n2:1"), ("{{{a}}} {{b}}", "{1} {b}"),
    ("{a}{{", "1{"),
  ])
  func `puts columns in the place of their names`(text: String, expected: String) throws {
    let template = try PromptTemplate(text)
    #expect(template.prompt { ["a": "1", "b": "2"][$0] ?? "?" } == expected)
  }

  @Test(arguments: [
    ("no column", "it names no column: expected one in braces, as {question}"),
    ("{{a}}", "it names no column: expected one in braces, as {question}"),
    ("{a", "\"{\" has no \"}\": write \"{{\" for the brace itself"),
    ("{a{b}}", "\"{\" has no \"}\": write \"{{\" for the brace itself"),
    ("{a} }", "\"}\" has no \"{\": write \"}}\" for the brace itself"),
    ("{}", "\"{}\" names no column: expected one, as {question}"),
  ])
  func `is refused where braces have no partner or name nothing`(text: String, expected: String) {
    #expect(message { try PromptTemplate(text) } == expected)
  }

  @Test func `makes prompts, and is kept with the completion that it found`() throws {
    let template = try PromptTemplate("{context} {question}=")
    let rows = "id,question,context,answer\n1,q,c,42\n"
    let set = try set("a.csv", rows, TextColumns(template: template))
    #expect(shown(set) == ["c q=42 from 4"])
    let json = try #require(set.columns.json)
    #expect(json == ["completion_column": "answer", "prompt_template": "{context} {question}="])
    let kept = TextColumns(kept: json)
    #expect(try shown(self.set("b.csv", rows, kept)) == ["c q=42 from 4"])
    // A file without the columns is read by its own names, with a warning.
    let other = try self.set("c.csv", "text\nab\n", kept)
    #expect(other.format == .text)
    #expect(
      other.warnings == [
        """
        c.csv: training made prompts by "{context} {question}=", but there is no "context", "question", "answer" here: the \
        rows are read by their own names; prompt_template gives another template
        """
      ])
    #expect(set.warnings == [])
  }

  @Test func `asks for the completion where it is not clear, and for columns that are not there`()
    throws
  {
    let template = try PromptTemplate("{problem}")
    #expect(
      message {
        try set("a.csv", "problem,solution,answer\na,b,c\n", TextColumns(template: template))
      }
        == """
        a.csv, line 2: "answer" or "solution" may be the completion; name it with completion_column, the columns are \
        "problem", "solution", "answer"
        """)
    #expect(
      message { try set("a.csv", "problem,x\na,b\n", TextColumns(template: template)) }
        .hasPrefix("a.csv, line 2: no column is known to hold the completion; name it with"))
    #expect(
      message { try set("a.csv", "problems,answer\na,b\n", TextColumns(template: template)) }
        == """
        a.csv, line 2: there is no column "problem"; the columns are "problems", "answer"; did you mean "problems"?
        """)
  }
}

@Suite struct `Numbers in columns of text` {
  @Test func `are the text that spells them, which is said`() throws {
    let folder = try TemporaryFolder()
    let rows = """
      {"question": "a", "answer": 72}
      {"question": "b", "answer": -1.50}
      """
    let set = try ExampleSet(
      at: folder.file("a.jsonl", rows),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 100))
    #expect(
      set.examples.map { String(decoding: $0.ids.dropLast().map { UInt8($0) }, as: UTF8.self) }
        == ["a72", "b-1.50"])
    #expect(
      set.remarks.last == "a.jsonl: \"answer\" is a number in 2 rows, which is read as text")
  }
}
