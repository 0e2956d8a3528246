import LowRankTraining
import Testing

@Suite struct `Columns of texts and labels` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func columns(
    _ header: String, _ choice: ColumnChoice = ColumnChoice(), requiresLabels: Bool = true
  ) throws -> ColumnChoice {
    let row = header.split(separator: ",", omittingEmptySubsequences: false).map { _ in "1" }
      .joined(separator: ",")
    return try LabelledRows(
      at: folder.file("a.csv", "\(header)\n\(row)\n"), columns: choice, task: .classification,
      requiresLabels: requiresLabels
    ).columns
  }

  @Test(arguments: [
    ("sentence,label", ["sentence"], "label"),
    ("text,category", ["text"], "category"),
    ("index,sentence1,sentence2,label", ["sentence1", "sentence2"], "label"),
    ("premise,hypothesis,idx,gold_label", ["premise", "hypothesis"], "gold_label"),
    ("index,question,sentence,label", ["question", "sentence"], "label"),
    ("id,qid1,qid2,question1,question2,is_duplicate", ["question1", "question2"], "is_duplicate"),
    ("question,answer,label", ["question", "answer"], "label"),
    ("Quality,#1 ID,#2 ID,#1 String,#2 String", ["#1 String", "#2 String"], "Quality"),
    ("genre,sentence1,sentence2,score", ["sentence1", "sentence2"], "score"),
    ("tweet,intent", ["tweet"], "intent"),
    ("label,question", ["question"], "label"),
    (",tweet,label", ["tweet"], "label"),
  ])
  func `are found by their names`(header: String, texts: [String], label: String) throws {
    #expect(try columns(header) == ColumnChoice(texts: texts, label: label))
  }

  @Test func `are those that are given, and guessed from the rest`() throws {
    let header = "text,sentence,label,class"
    let given = ColumnChoice(texts: ["sentence", "text"], label: "class")
    #expect(try columns(header, given) == given)
    #expect(
      try columns("text,sentence,label", ColumnChoice(texts: ["text"]))
        == ColumnChoice(texts: ["text"], label: "label"))
    #expect(
      try columns("text,label,score", ColumnChoice(label: "score"))
        == ColumnChoice(texts: ["text"], label: "score"))
    #expect(
      try columns("tweet,mood", ColumnChoice(label: "mood"))
        == ColumnChoice(texts: ["tweet"], label: "mood"))
    #expect(
      try columns("a,label,b", ColumnChoice(texts: ["3"], label: "label"))
        == ColumnChoice(texts: ["b"], label: "label"))
  }

  @Test func `leave out a label that is not needed`() throws {
    #expect(try columns("sentence,id", requiresLabels: false) == ColumnChoice(texts: ["sentence"]))
    #expect(
      try columns("tweet,label", ColumnChoice(label: "label"), requiresLabels: false)
        == ColumnChoice(texts: ["tweet"]))
    #expect(
      try columns("text", ColumnChoice(texts: ["text"], label: "label"), requiresLabels: false)
        == ColumnChoice(texts: ["text"]))
    #expect(
      try columns("tweet,intent", ColumnChoice(label: "2"), requiresLabels: false)
        == ColumnChoice(texts: ["tweet"]))
    #expect(
      try columns("tweet,mood", ColumnChoice(label: "2"), requiresLabels: false)
        == ColumnChoice(texts: ["1"]))
    #expect(
      message { try columns("x,y", ColumnChoice(label: "mood"), requiresLabels: false) }
        .hasPrefix("a.csv: no column is known to hold the text; "))
  }

  @Test(arguments: [
    (
      "text,sentence,label", ColumnChoice(),
      """
      a.csv: "sentence" or "text" may be the text; name it with text_column, the columns are \
      "text", "sentence", "label"
      """
    ),
    (
      "question,sentence,answer,label", ColumnChoice(),
      """
      a.csv: "question" with "sentence" or "question" with "answer" may be the text; name it with \
      text_column, the columns are "question", "sentence", "answer", "label"
      """
    ),
    (
      "text,label,class", ColumnChoice(),
      """
      a.csv: "label" or "class" may be the label; name it with label_column, the columns are \
      "text", "label", "class"
      """
    ),
    (
      "text,x", ColumnChoice(),
      """
      a.csv: no column is known to hold the label; name it with label_column, the columns are \
      "text", "x"
      """
    ),
    (
      "x,y,label", ColumnChoice(),
      """
      a.csv: no column is known to hold the text; name it with text_column, the columns are "x", \
      "y", "label"
      """
    ),
    (
      "text,label", ColumnChoice(texts: ["txet"]),
      """
      a.csv: text_column: there is no column "txet"; the columns are "text", "label"; did you mean "text"?
      """
    ),
    (
      "text,label", ColumnChoice(label: "lable"),
      """
      a.csv: label_column: there is no column "lable"; the columns are "text", "label"; did you mean "label"?
      """
    ),
    (
      "text,label", ColumnChoice(texts: ["text"], label: "text"),
      "a.csv: the column \"text\" is given twice, by text_column or label_column"
    ),
    (
      "a,b,c", ColumnChoice(texts: ["a", "b", "c"]),
      "a.csv: a row has one text or two, but text_column names \"a\", \"b\", \"c\""
    ),
  ])
  func `are asked for where they are not clear`(
    header: String, choice: ColumnChoice, expected: String
  ) {
    #expect(message { try columns(header, choice) } == expected)
  }

  @Test func `of JSON lines are the keys of the first row`() throws {
    let file = try folder.file("a.jsonl", "{\"text\": \"a\", \"label\": 1}\n{\"text\": \"b\"}\n")
    #expect(
      message { try LabelledRows(at: file, task: .classification) }
        == "a.jsonl, line 2: there is no key \"label\"; the keys are \"text\"")
    #expect(
      message {
        try LabelledRows(at: file, columns: ColumnChoice(texts: ["1"]), task: .classification)
      }
        == """
        a.jsonl, line 1: text_column: there is no key "1"; the keys are "text", "label"
        """)
  }
}

@Suite struct `Columns by number` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func rows(
    _ name: String, _ text: String, texts: [String], label: String?, requiresLabels: Bool = true
  ) throws -> LabelledRows {
    try LabelledRows(
      at: folder.file(name, text), columns: ColumnChoice(texts: texts, label: label),
      task: .classification, requiresLabels: requiresLabels)
  }

  @Test(arguments: [("a.tsv", "\t"), ("a.csv", ",")])
  func `are those of a file without a header`(name: String, tab: String) throws {
    let text = ["gj04", "1", "", "A sentence."].joined(separator: tab)
    let rows = try rows(name, "\(text)\n\(text)\n", texts: ["4"], label: "2")
    #expect(rows.rows.map(\.texts) == [["A sentence."], ["A sentence."]])
    #expect(rows.rows.map(\.place) == ["\(name), line 1", "\(name), line 2"])
    #expect(rows.columns == ColumnChoice(texts: ["4"], label: "2"))
  }

  @Test(arguments: [
    ("sentence,what\nx,1\n", ["1"], "2", ["sentence"], "what"),
    ("what,label\nx,1\n", ["1"], "2", ["what"], "label"),
    ("2,1\nx,1\n", ["2"], "1", ["2"], "1"),
  ])
  func `count the columns of a header where there is one`(
    text: String, texts: [String], label: String, namedTexts: [String], namedLabel: String
  ) throws {
    let rows = try rows("a.csv", text, texts: texts, label: label)
    #expect(rows.rows.map(\.texts) == [["x"]])
    #expect(rows.columns == ColumnChoice(texts: namedTexts, label: namedLabel))
  }

  @Test func `need no label where none is asked for`() throws {
    let rows = try rows("a.tsv", "x\ty\n", texts: ["2"], label: "7", requiresLabels: false)
    #expect(rows.rows.map(\.texts) == [["y"]])
  }

  @Test(arguments: [
    (
      "u,v\na,1\nb,0\n", "1", "2",
      """
      a.csv, line 1: the label "v" is no number, as all others are; if this line names the columns, \
      give their names to text_column and label_column
      """
    ),
    (
      "u,v\n", "1", "3",
      "a.csv: label_column: there is no column \"3\"; the columns are \"1\", \"2\""
    ),
    (
      "u,v\na\n", "1", "2",
      "a.csv, line 2: expected 2 fields as in line 1, found 1; a field that holds a line end belongs in quotes"
    ),
    (
      "u,v\n", "1", nil,
      """
      a.csv: no column is known to hold the label; name it with label_column, the columns are \
      "1", "2"
      """
    ),
  ])
  func `that cannot be right are refused`(
    text: String, texts: String, label: String?, expected: String
  ) {
    #expect(message { try rows("a.csv", text, texts: [texts], label: label) } == expected)
  }
}
