import LowRankTraining
import Testing

@Suite struct `A set of labelled examples` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func set(
    _ name: String, _ text: String, _ task: TrainingTask = .classification,
    labels: LabelMap? = nil, length: Int = 100, end: Int32? = 256, requiresLabels: Bool = true
  ) throws -> LabelledSet {
    try LabelledSet(
      at: folder.file(name, text), task: task, labels: labels,
      encoder: LabelledEncoder(ByteSequenceEncoder(end: end), maxLength: length),
      requiresLabels: requiresLabels)
  }

  @Test(arguments: [
    ("a.csv", "text,label\na,yes\n\"b,\",no\nc,yes\n"),
    ("a.tsv", "text\tlabel\na\tyes\nb,\tno\nc\tyes\n"),
    (
      "a.jsonl",
      """
      {"text": "a", "label": "yes"}
      {"text": "b,", "label": "no"}
      {"text": "c", "label": "yes"}
      """
    ),
    (
      "a.json",
      """
      [{"text": "a", "label": "yes"}, {"text": "b,", "label": "no"}, {"text": "c", "label": "yes"}]
      """
    ),
  ])
  func `has classes for labels, of any format`(name: String, text: String) throws {
    let set = try set(name, text)
    #expect(set.labels?.names == ["no", "yes"])
    #expect(set.examples.map(\.target) == [.classIndex(1), .classIndex(0), .classIndex(1)])
    #expect(set.examples.map(\.ids) == [[97, 256], [98, 44, 256], [99, 256]])
    #expect(set.columns == ColumnChoice(texts: ["text"], label: "label"))
    #expect(set.counts.description == "3 rows, 7 tokens")
  }

  @Test func `takes JSON numbers and booleans for classes`() throws {
    let numbers = try set(
      "a.jsonl", "{\"text\": \"a\", \"label\": 1.0}\n{\"text\": \"a\", \"label\": 0}")
    #expect(numbers.labels?.names == ["0", "1"])
    #expect(numbers.examples.map(\.target) == [.classIndex(1), .classIndex(0)])
    let names = try set(
      "c.jsonl", "{\"text\": \"a\", \"label\": 2020}\n{\"text\": \"a\", \"label\": -1}")
    #expect(names.labels?.names == ["-1", "2020"])
    let words = try set(
      "b.jsonl", "{\"text\": \"a\", \"label\": true}\n{\"text\": \"a\", \"label\": false}")
    #expect(words.labels?.names == ["false", "true"])
  }

  @Test func `reads pairs with the types of their tokens`() throws {
    let set = try set("a.csv", "premise,hypothesis,label\nab,c,0\n,d,1\n")
    #expect(set.examples.map(\.ids) == [[97, 98, 256, 99, 256], [256, 100, 256]])
    #expect(set.examples.map(\.typeIDs) == [[0, 0, 0, 1, 1], [0, 1, 1]])
  }

  @Test func `has several labels or none in each row`() throws {
    let lines = """
      {"text": "a", "labels": ["y", "x", "y"]}
      {"text": "b", "labels": []}
      {"text": "c", "labels": "z | x,"}
      {"text": "d", "labels": ""}
      {"text": "e", "labels": "y"}
      """
    let set = try set("a.jsonl", lines, .multilabel)
    #expect(set.labels?.names == ["x", "y", "z"])
    #expect(
      set.examples.map(\.target) == [
        .classes([0, 1]), .classes([]), .classes([0, 2]), .classes([]), .classes([1]),
      ])
    let marks = try self.set("a.tsv", "text\tlabels\na\te | \u{301}é , \n", .multilabel)
    #expect(marks.labels == LabelMap(["e", "\u{301}é"]))
    let numbers = try self.set("a.tsv", "text\tlabels\na\t2,0\nb\t1\nc\t\n", .multilabel)
    #expect(numbers.labels?.count == 3)
    #expect(
      numbers.examples.map(\.target) == [.classes([0, 2]), .classes([1]), .classes([])])
  }

  @Test(arguments: [
    #"["x", "y"]"#, "['x', 'y']", "('x', 'y')", "{'x', 'y'}", "['x' 'y']", "['x'\n 'y']", "x|y",
    " x , y", #"["x", 'y']"#, "array(['x', 'y'], dtype=object)", #"[ 'x',"y" ]"#, "['x', 'y',]",
  ])
  func `has lists of labels that a table holds as text`(cell: String) throws {
    let quoted = cell.replacing("\"", with: "\"\"")
    let set = try set("a.csv", "text,labels\na,\"\(quoted)\"\nb,['z']\nc,[]\n", .multilabel)
    #expect(set.labels?.names == ["x", "y", "z"], "\(cell)")
    #expect(set.examples.map(\.target) == [.classes([0, 1]), .classes([2]), .classes([])])
  }

  @Test func `has labels in a list whatever they are`() throws {
    let escaped = try set(
      "b.csv", "text,labels\na,\"['it\\'s', \"\"a, b\"\", 'caf\\xe9 \\u2713']\"\n", .multilabel)
    #expect(escaped.labels?.names == ["a, b", "café ✓", "it's"])
    let numbers = try self.set("c.csv", "text,labels\na,[2 0]\nb,\"[1., 0.]\"\n", .multilabel)
    #expect(numbers.labels?.names == ["0", "1", "2"])
  }

  @Test(arguments: [
    ("a.jsonl", #"{"text": "a", "labels": [0, 1, 0]}"#, #"{"text": "b", "labels": [1, 1, 0]}"#),
    (
      "a.jsonl", #"{"text": "a", "labels": [0.0, 1.0, 0.0]}"#,
      #"{"text": "b", "labels": [1.0, 1.0, 0.0]}"#
    ),
    (
      "a.jsonl", #"{"text": "a", "labels": [false, true, false]}"#,
      #"{"text": "b", "labels": [true, true, false]}"#
    ),
    ("a.csv", "text,labels\na,\"[0, 1, 0]\"", "b,\"[1, 1, 0]\""),
    ("a.csv", "text,labels\na,[0 1 0]", "b,[1. 1. 0.]"),
    ("a.csv", "text,labels\na,\"[False, True, False]\"", "b,\"(True, True, False)\""),
    ("a.tsv", "text\tlabels\na\t0,1,0", "b\t1,1,0"),
  ])
  func `has a 0 or 1 for each label where all rows have`(
    name: String, first: String, second: String
  ) throws {
    let set = try set(name, "\(first)\n\(second)\n", .multilabel)
    #expect(set.labels?.names == ["0", "1", "2"])
    #expect(set.examples.map(\.target) == [.classes([1]), .classes([0, 1])])
    // The same rows for labels with names.
    let named = try self.set(
      name, "\(first)\n\(second)\n", .multilabel, labels: LabelMap(["x", "y", "z"]))
    #expect(named.examples.map(\.target) == [.classes([1]), .classes([0, 1])])
    #expect(
      message {
        try self.set(name, "\(first)\n\(second)\n", .multilabel, labels: LabelMap(["x", "y"]))
      }.contains("the row has a 0 or 1 for 3 labels, but training had 2 labels"))
  }

  @Test func `tells a 0 or 1 for each of two labels from the numbers of labels`() throws {
    let flags = try set("a.csv", "text,labels\na,\"[0, 1]\"\nb,\"[0, 0]\"\n", .multilabel)
    #expect(flags.examples.map(\.target) == [.classes([1]), .classes([])])
    let numbers = try set("b.csv", "text,labels\na,\"[0, 1]\"\nb,[0]\n", .multilabel)
    #expect(numbers.examples.map(\.target) == [.classes([0, 1]), .classes([0])])
    #expect(
      message { try set("c.csv", "text,labels\na,\"[0, 1, 0]\"\nb,[0]\n", .multilabel) }
        == """
        c.csv, line 2: the number 0 stands twice in "labels": either list the labels that the row has, or give every row \
        of the file a 0 or 1 for each label, as many as there are
        """)
  }

  @Test(arguments: [
    "[x, y]", "[\"x\"", "['x' + 'y']", "[['x']]", "{'x': 1}", "[None]", "['x', '']",
  ])
  func `refuses a list that it cannot read, and names the cell`(cell: String) {
    let quoted = cell.replacing("\"", with: "\"\"")
    let text = message { try set("a.csv", "text,labels\nb,y\na,\"\(quoted)\"\n", .multilabel) }
    #expect(
      text.hasPrefix("a.csv, line 3: the label must be a list of labels, as [\"a\", \"b\"], "))
    #expect(text.hasSuffix(", found \"\(cell)\" in \"labels\""), "\(text)")
  }

  @Test(arguments: [#"["x"]"#, "['x', 'y']", "[0 1]"])
  func `refuses a list in the place of a class`(cell: String) {
    let quoted = cell.replacing("\"", with: "\"\"")
    let text = message { try set("a.csv", "text,label\na,\"\(quoted)\"\nb,z\n") }
    #expect(
      text.hasSuffix("in \"label\"; several labels in a row are for task multilabel"), "\(text)")
    // What only looks like one is a name.
    #expect(throws: Never.self) { try set("b.csv", "text,label\na,[NP]\nb,(x)\n") }
  }

  @Test func `has numbers to come near to`() throws {
    let table = try set("a.csv", "text,score\na,1.5\nb, -2e-1\n", .regression)
    #expect(table.examples.map(\.target) == [.number(1.5), .number(-0.2)])
    #expect(table.labels == nil)
    let lines = try set("a.jsonl", "{\"text\": \"a\", \"score\": 3}", .regression)
    #expect(lines.examples.map(\.target) == [.number(3)])
  }

  @Test(arguments: [
    ("text,label\na,\n", TrainingTask.regression, "a finite number, found \"\""),
    ("text,label\na,nan\n", .regression, "a finite number, found \"nan\""),
    ("text,label\na,1e999\n", .regression, "a finite number, found \"1e999\""),
    ("text,label\na,0x10\n", .regression, "a finite number, found \"0x10\""),
    (
      "text,label\na,\n", .classification,
      "a string that is not empty, a whole number, true or false, found \"\""
    ),
  ])
  func `refuses labels of another kind`(
    text: String, task: TrainingTask, expected: String
  ) {
    #expect(
      message { try set("a.csv", text, task) } == "a.csv, line 2: the label must be \(expected)")
  }

  @Test(arguments: [
    ("1.5", TrainingTask.classification, "the number 1.5"), ("null", .classification, "null"),
    ("[\"a\"]", .classification, "a list"), ("true", .regression, "a boolean"),
    ("null", .multilabel, "null"), ("[[]]", .multilabel, "a list"),
    ("{}", .multilabel, "an object"),
  ])
  func `refuses JSON of another kind`(
    label: String, task: TrainingTask, found: String
  ) {
    let text = message { try set("a.jsonl", "{\"text\": \"a\", \"label\": \(label)}", task) }
    #expect(text.hasPrefix("a.jsonl, line 1: the label must be "))
    #expect(text.contains(", found \(found)"))
  }

  @Test(arguments: [
    (
      "text,label\na,-1\nb,-1\n", TrainingTask.classification,
      """
      a.csv: every row has the label "-1", expected at least two to tell apart; benchmarks write -1 where they keep the \
      label secret
      """
    ),
    ("text,label\na,x\nb,x\n", .classification, "a.csv: every row has the label \"x\", "),
    ("text,label\na,\nb,\n", .multilabel, "a.csv: no row has a label"),
    ("text,label\n,a\n,b\n", .classification, "a.csv: no row has a text (2 rows, 2 empty"),
  ])
  func `refuses labels that teach nothing`(
    text: String, task: TrainingTask, expected: String
  ) {
    #expect(message { try set("a.csv", text, task) }.hasPrefix(expected))
  }

  @Test func `refuses a label that training never had`() throws {
    let labels = LabelMap(["entailment", "not_entailment"])
    #expect(
      message { try set("dev.csv", "text,label\na,entailment\nb,entialment\n", labels: labels) }
        == """
        dev.csv, line 3: training does not know the label "entialment"; the 2 that it knows are "entailment", \
        "not_entailment"; did you mean "entailment"?
        """)
    #expect(
      message { try set("dev.csv", "text,label\na,-1\n", labels: LabelMap(["0", "1"])) }
        .hasSuffix("; benchmarks write -1 where they keep the label secret"))
    #expect(
      message {
        try set("dev.csv", "text,label\na,12\n", labels: LabelMap((0..<12).map(String.init)))
      }
        == """
        dev.csv, line 2: training does not know the label "12"; the 12 that it knows are "0", "1", "2", …
        """)
    #expect(
      message {
        try set(
          "dev.csv", "text,label\na,x\nb,entailment\nc,y\nd,x\n", labels: labels)
      }
        == """
        dev.csv, line 2: 3 of 4 rows have labels that training does not know, "x", "y"; the 2 that it knows are \
        "entailment", "not_entailment": name another column with label_column, or write these labels into the file
        """)
    // Where most labels are known, the column is not wrong.
    #expect(
      message {
        try set(
          "dev.csv", "text,label\na,x\nb,entailment\nc,y\nd,entailment\n", labels: labels)
      }
      .hasSuffix(
        "2 of 4 rows have labels that training does not know, \"x\", \"y\"; the 2 that it knows are \"entailment\", \"not_entailment\": correct these labels or remove the rows"
      ))
  }

  @Test func `counts what it truncates and leaves out`() throws {
    let pairs = "sentence1,sentence2,label\nabcdef,gh,0\n,,1\na,b,1\n"
    let set = try set("a.csv", pairs, length: 6)
    #expect(set.examples.map(\.ids) == [[97, 98, 256, 103, 104, 256], [97, 256, 98, 256]])
    #expect(set.counts.kept == 2)
    #expect(set.counts.description == "3 rows, 1 truncated, 1 empty and left out, 10 tokens")
  }

  @Test func `without labels has every row, and needs no column for them`() throws {
    let set = try set("a.csv", "id,text\n1,a\n2,\n", requiresLabels: false)
    #expect(set.examples.map(\.ids) == [[97, 256], [256]])
    #expect(set.examples.allSatisfy { $0.target == nil })
    #expect(set.labels == nil)
    let secret = try self.set(
      "a.csv", "text,label\na,-1\n", labels: LabelMap(["0", "1"]), requiresLabels: false)
    #expect(secret.examples.map(\.target) == [nil])
    #expect(secret.labels?.count == 2)
    #expect(
      message { try self.set("a.csv", "id,text\n1,a\n2,\n", end: nil, requiresLabels: false) }
        == "a.csv, line 3: the row has no tokens; give it a text")
  }

  @Test func `refuses a tokenizer of a larger model`() throws {
    let file = try folder.file("a.csv", "text,label\na,0\nb,1\n")
    let encoder = LabelledEncoder(ByteSequenceEncoder(), maxLength: 9, vocabularySize: 256)
    #expect(
      message { try LabelledSet(at: file, task: .classification, encoder: encoder) }
        == "the tokenizer: it gives token 256, but the model knows 256 tokens")
  }

  @Test func `is told from another by tokens, types and targets`() throws {
    func print(_ ids: [Int32], _ types: [Int32], _ target: LabelTarget?) -> String {
      let example = LabelledExample(ids: ids, typeIDs: types, target: target)
      return LabelledSet([example], task: .classification, labels: nil, source: "").fingerprint
    }
    let prints = [
      print([1, 2], [0, 0], .classIndex(1)), print([1, 3], [0, 0], .classIndex(1)),
      print([1, 2], [0, 1], .classIndex(1)), print([1, 2], [0, 0], .classIndex(2)),
      print([1, 2], [0, 0], nil), print([1, 2], [0, 0], .classes([1])),
      print([1, 2], [0, 0], .number(1)),
    ]
    #expect(Set(prints).count == prints.count)
    #expect(print([1, 2], [0, 0], .classIndex(1)) == prints[0])
  }
}
