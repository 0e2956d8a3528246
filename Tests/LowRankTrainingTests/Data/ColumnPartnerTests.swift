import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `A pair of columns of which one is given` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func set(_ text: String, _ columns: TextColumns) throws -> ExampleSet {
    try ExampleSet(
      at: folder.file("a.csv", text),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 100), columns: columns)
  }

  @Test(
    arguments: [
      ("question,context,answer", "question", nil, "answer"),
      ("question,answer,output", "question", nil, "answer"),
      ("mr,ref", nil, "ref", "mr"), ("said,solution,x", "said", nil, "solution"),
      ("x,response,instruction", nil, "response", "instruction"),
      ("instruction,input,output", "instruction", nil, "output"),
    ] as [(String, String?, String?, String)])
  func `is completed by a known pair`(
    header: String, prompt: String?, completion: String?, other: String
  ) throws {
    let row = header.split(separator: ",").map { "\($0)1" }.joined(separator: ",")
    let set = try set(
      "\(header)\n\(row)\n", TextColumns(prompt: prompt, completion: completion))
    #expect(
      set.columns == TextColumns(prompt: prompt ?? other, completion: completion ?? other))
    #expect(set.remarks.contains { $0.contains("\"\(other)\"") }, "\(set.remarks)")
  }

  @Test(arguments: [
    (
      "q,x", TextColumns(prompt: "q"),
      """
      a.csv, line 2: prompt_column is "q", and no other column is known to hold the completion; name it with \
      completion_column, the columns are "q", "x"
      """
    ),
    (
      "question,query,a", TextColumns(completion: "a"),
      """
      a.csv, line 2: completion_column is "a", and "question" or "query" may be the prompt; name it with \
      prompt_column, the columns are "question", "query", "a"
      """
    ),
    // An instruction with an input is more than a column.
    (
      "instruction,input,a", TextColumns(completion: "a"),
      """
      a.csv, line 2: completion_column is "a", and "instruction" or "input" may be the prompt; name it with \
      prompt_column, the columns are "instruction", "input", "a"
      """
    ),
    (
      "instruction,context,output", TextColumns(completion: "output"),
      """
      a.csv, line 2: completion_column is "output", and "instruction" or "context" may be the prompt; name it with \
      prompt_column, the columns are "instruction", "context", "output"
      """
    ),
  ])
  func `is refused with what was found where that is not clear`(
    header: String, columns: TextColumns, sentence: String
  ) {
    #expect(message { try set("\(header)\n\(header)\n", columns) } == sentence)
  }

  @Test func `is completed as an adapter was trained, if the file has that column`() throws {
    let kept = TextColumns(prompt: "q", completion: "x")
    let given = TextColumns(prompt: "said").completed(by: kept)
    #expect(try set("said,answer,x\na,b,c\n", given).columns.completion == "x")
    #expect(try set("said,answer\na,b\n", given).columns.completion == "answer")
    let template = TextColumns(
      completion: "x", template: try PromptTemplate("{q} {r}"))
    // The template of the adapter applies to another completion.
    let other = TextColumns(completion: "y").completed(by: template)
    #expect(try set("q,r,y\na,b,c\n", other).columns.template?.text == "{q} {r}")
    #expect(try set("q,r,y\na,b,c\n", other).columns.json?["completion_column"] == "y")
  }
}

@Suite struct `Warnings of rows` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func warnings(
    _ rows: [(String, String)], length: Int = 100, separator: String = ""
  ) throws -> [String] {
    let lines = rows.map { #"{"prompt": "\#($0.0)", "completion": "\#($0.1)"}"# }
    let encoder = ExampleEncoder(
      ByteEncoder(), endOfSequence: 0, maxLength: length, separator: separator)
    let url = try folder.file("a.jsonl", lines.joined(separator: "\n"))
    let set = try ExampleSet(at: url, encoder: encoder)
    return set.warnings
  }

  @Test func `count those that are truncated`() throws {
    #expect(
      try warnings([("ab ", "cdef"), ("a ", "b"), ("a ", "b")], length: 5) == [
        """
        a.jsonl: 1 of 3 rows (33.3 %) has more than 5 tokens and is truncated; max_seq_length is the number of tokens \
        that are kept
        """
      ])
    #expect(try warnings([("ab ", "cdef")], length: 8) == [])
  }

  @Test func `show where prompts run into completions`() throws {
    #expect(
      try warnings([("the dog", "Yes it is"), ("the dog?", "No"), ("a", " b")]) == [
        """
        a.jsonl: in 1 of 3 rows the completion follows the prompt without a space, as "…dogYes"; separator ' ' puts one \
        between them
        """
      ])
    #expect(try warnings([("the dog", "Yes")], separator: " ") == [])
    // Scripts without spaces between words.
    #expect(try warnings([("犬", "はい"), ("dog:", "Yes"), ("dog\\n", "Yes")]) == [])
  }
}
