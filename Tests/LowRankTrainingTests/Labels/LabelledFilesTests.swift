import LowRankTraining
import Testing

@Suite struct `The labelled files of a run` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func files(
    _ train: String, valid: String? = nil, test: String? = nil, counts: [Int] = [],
    task: TrainingTask = .classification, checks: Bool = false
  ) throws -> LabelledFiles {
    for (name, text) in [("train", train), ("dev", valid), ("test", test)] {
      if let text { _ = try folder.file("\(name).tsv", text) }
    }
    return try LabelledFiles(
      DataFiles(at: folder.url), task: task, counts: counts, collectsRefusals: checks)
  }

  private func check(_ files: LabelledFiles) throws -> [FileCheck] {
    try [files.train, files.valid, files.test].compactMap { $0 }.map {
      try FileCheck(
        $0, labels: files.labels,
        encoder: LabelledEncoder(ByteSequenceEncoder(), maxLength: 9),
        names: TokenNames(special: []) { _ in nil })
    }
  }

  @Test func `have the columns of the rows to train on`() throws {
    let files = try files(
      "sentence\tgold_label\na\tx\nb\ty\n",
      valid: "label\tsentence\tgold_label\nz\ta\tx\n", test: "sentence\na\n", checks: true)
    #expect(files.valid?.columns == files.train.columns)
    #expect(files.labels?.names == ["x", "y"])
  }

  @Test(arguments: [
    "index\tsentence\n0\ta\n", "sentence\tlabel\na\t-1\nb\t-1\n", "sentence\tlabel\na\t\n",
  ])
  func `may have a test file whose labels are absent or secret`(test: String) throws {
    let files = try files(
      "sentence\tlabel\na\t0\nb\t1\n", valid: "sentence\tlabel\nb\t1\n", test: test, checks: true)
    #expect(files.labels?.names == ["0", "1"])
    #expect(files.test?.columns.label == nil && files.testProblem == nil)
    let checks = try check(files)
    #expect(checks.map(\.refused) == [0, 0, 0] && checks[2].labels.isEmpty)
    #expect(
      checks[2].remarks
        == ["there are no labels: the rows are for predict, and cannot be evaluated on"])
    #expect(checks[0].remarks == [])
  }

  @Test func `need no test file that can be read`() throws {
    let train = "sentence\tlabel\na\t0\nb\t1\n"
    let files = try files(train, test: "other\tcolumns\tthere\na\tb\tc\n", checks: true)
    #expect(files.test == nil)
    #expect(files.testProblem?.contains("there is no column \"sentence\"") == true)
    #expect(throws: Never.self) { try self.files(train, test: "\0") }
  }

  @Test func `count labels of all files where these are numbers`() throws {
    let train = "text\tlabel\na\t0\nb\t3\n"
    #expect(
      try files(train, valid: "text\tlabel\na\t1\n", test: "text\tlabel\na\t2\n").labels?.names
        == ["0", "1", "2", "3"])
    let names = try files(train, valid: "text\tlabel\na\t3\n", test: "text\tlabel\na\t-1\n")
    #expect(names.labels?.names == ["0", "3"])
    #expect(
      names.remarks
        == ["the labels 0, 3 do not count from 0 to n - 1: each is a class by its name, 2 in all"])
    let known = try files(train, counts: [4])
    #expect(known.labels?.count == 4 && known.remarks == [])
  }

  @Test func `are checked to the end, and refuse in training what the check refuses`() throws {
    let train = "text\tlabel\na\tx\nb\t\nc\ty\nd\t\n"
    let checks = try check(files(train, valid: "text\tlabel\na\tz\n", checks: true))
    #expect(checks[0].refused == 2 && checks[0].kept == 2)
    #expect(checks[0].refusals.first?.contains("line 3: the label must be a string") == true)
    #expect(checks[1].refusals.first?.contains("does not know the label \"z\"") == true)
    #expect(message { try files(train) }.contains("line 3: the label must be a string"))
    #expect(checks[0].labels.map(\.rows) == [1, 1])
    let several = "text\tlabels\na\t[1, 1]\nb\t[\nc\t2\n"
    let multilabel = try check(
      files(several, valid: several, task: .multilabel, checks: true))
    #expect(multilabel[0].refused == 2, "\(multilabel[0].refusals)")
  }

  @Test func `show in a check why one label is left, beside the rows that are refused`() throws {
    let train = "text\tlabel\na\tx\nb\t\n"
    let files = try files(train, valid: "text\tlabel\na\tx\n", checks: true)
    #expect(files.labels?.names == ["x"])
    var checks = try check(files)
    checks[0].problem = files.labelProblem
    let errors = DataCheck(checks).errors
    #expect(errors.count == 2, "\(errors)")
    #expect(errors.first?.contains("line 3: the label must be a string that is not empty") == true)
    #expect(
      errors.last?.hasSuffix(
        "every row has the label \"x\", expected at least two to tell apart; 1 of 2 rows cannot be read"
      )
        == true)
    let none = try self.files("text\tlabel\nb\t\n", checks: true)
    #expect(none.labels?.names == ["x"])
    let problem = try #require(none.labelProblem)
    #expect(problem.contains("no row has a label; 1 of 1 rows cannot be read"))
    // Without a row that is refused, nothing is hidden.
    #expect(
      message { try self.files("text\tlabel\na\tx\n", checks: true) }
        .contains("every row has the label"))
  }

  @Test func `count no label of a row without a text`() throws {
    let checks = try check(
      files("text\tlabel\na\tx\n\tx\nb\ty\n", checks: true))
    #expect(checks[0].labels.map(\.rows) == [1, 1] && checks[0].empty == 1)
  }

  @Test func `name labels that differ only in blanks or case`() throws {
    let files = try files("text\tlabel\na\t pos\nb\tpos\nc\tPos\nd\tneg\n")
    #expect(
      files.remarks == [
        "the labels \" pos\", \"Pos\", \"pos\" differ only in blanks or case: each is a class of its own"
      ])
    #expect(try self.files("text\tlabel\na\tpos\nb\tneg\n").remarks == [])
  }
}
