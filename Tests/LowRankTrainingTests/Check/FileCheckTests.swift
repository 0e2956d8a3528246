import Foundation
import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `A check of a data file` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let names = TokenNames(special: [0, 124]) { $0 == 0 ? "<end>" : "byte \($0)" }

  private func check(
    _ name: String, _ text: String, length: Int = 100, chat: ChatEncoding? = nil,
    end: Int32? = 0, viewing viewed: ViewedRows = .first(0)
  ) throws -> FileCheck {
    try FileCheck(
      at: folder.file(name, text),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: end, maxLength: length, chat: chat),
      ends: [0, 124], names: names, viewing: viewed)
  }

  private let chat = ChatEncoding(FakeRenderer(), ends: .bars)

  @Test func `counts what a run would count`() throws {
    let rows = """
      {"prompt": "a", "completion": "b"}
      {"prompt": "abcd", "completion": "e"}
      {"prompt": "ab", "completion": "cdef"}
      {"prompt": "", "completion": ""}
      {"prompt": "abc", "completion": ""}
      {"prompt": "a", "completion": "b"}
      """
    let check = try check("a.jsonl", rows, length: 4)
    #expect(check.format == "prompt_completion" && check.unit == "line")
    #expect(check.rowCount == 6 && check.kept == 4 && check.empty == 1)
    #expect(check.truncated == 2 && check.untrained == 1 && check.refused == 0)
    #expect(check.tokens == 14 && check.trainedTokens == 7)
    #expect(check.duplicates.map(\.row) == [6] && check.duplicates.map(\.first) == [1])
    #expect(check.longest.map(\.row) == [3, 2, 5] && check.longest.map(\.length) == [7, 6, 4])
    #expect(check.unended == [])
    let set = try ExampleSet(
      at: folder.url.appending(path: "a.jsonl"),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 4))
    #expect(set.counts.tokens == check.tokens && set.counts.kept == check.kept)
    #expect(set.counts.trainedTokens == check.trainedTokens)
  }

  @Test func `says where nothing teaches the model to stop`() throws {
    let check = try check("a.txt", "ab\ncd|\n", end: nil)
    #expect(check.unended == [1])
    #expect(DataCheck([check]).warnings.count == 1)
    #expect(DataCheck([check]).errors == [])
  }

  @Test func `goes on behind rows that would stop a run`() throws {
    func row(_ role: String) -> String {
      #"{"messages": [{"role": "user", "content": "a"}, {"role": "\#(role)", "content": "b"}]}"#
        + "\n"
    }
    let rows = row("user") + row("assistant") + row("gpt") + row("user")
    let check = try check("a.jsonl", rows, chat: chat)
    #expect(check.kept == 1 && check.refused == 3)
    #expect(
      check.refusals == [
        "a.jsonl, line 1: roles must alternate (and 1 row more)",
        """
        a.jsonl, line 3: message 2 has the role "gpt", expected system, developer, user, assistant, tool, function, \
        ipython
        """,
      ])
    #expect(DataCheck([check]).errors == check.refusals)
    let many = (0..<7).map { row("r\($0)") }.joined()
    let refusals = try self.check("a.jsonl", many, chat: chat).refusals
    #expect(refusals.count == 6 && refusals.last == "a.jsonl: and 2 more reasons", "\(refusals)")
  }

  @Test func `counts turns and rows that say they are not trained`() throws {
    func row(_ first: String, _ second: String) -> String {
      #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"\#(first)}, "#
        + #"{"role": "user", "content": "c"}, {"role": "assistant", "content": "d"\#(second)}]}"#
        + "\n"
    }
    let rows =
      row(#", "weight": 0"#, "") + row(#", "train": false"#, #", "weight": 0"#) + row("", "")
    let check = try check("a.jsonl", rows, chat: chat)
    #expect(check.rowCount == 3 && check.kept == 2 && check.marked == 1 && check.untrained == 0)
    #expect(check.markedTurns == 3 && check.trainedTokens == 6)
    #expect(
      check.remarks == [#"1 turn of the assistant is not trained, as "weight" or "train" says"#])
    #expect(
      DataCheck([check]).warnings == [
        "a.jsonl: 1 row is left out, because its weight or train says that no turn is trained"
      ])
    let set = try ExampleSet(
      at: folder.url.appending(path: "a.jsonl"),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 100, chat: chat))
    #expect(set.counts.kept == check.kept && set.counts.marked == check.marked)
    #expect(set.counts.trainedTokens == check.trainedTokens)
    #expect(
      set.counts.description.hasPrefix(
        "3 rows, 1 left out as weight or train excludes every turn, "))
    let none = try self.check("b.jsonl", row(#", "weight": 0"#, #", "weight": 0"#), chat: chat)
    #expect(DataCheck([none]).errors == ["b.jsonl: no row has a trained token"])
  }

  @Test func `of a file that training does not use stops nothing`() throws {
    let train = try check("t.jsonl", "{\"text\": \"a\"}")
    var test = try check("x.jsonl", "{\"text\": true}")
    test.isUsed = false
    let both = DataCheck([train, test], notes: ["a note"])
    #expect(both.errors == [])
    #expect(
      both.warnings == [
        "a note",
        "x.jsonl, line 1: \"text\" must be a string or a number, found a boolean; training does not use the file",
      ])
    test.isUsed = true
    #expect(DataCheck([train, test]).errors.count == 1)
  }

  @Test func `of which nothing is left is an error`() throws {
    let check = try check("a.txt", "\n\n")
    #expect(DataCheck([check]).errors == ["a.txt: no row has a trained token"])
    #expect(check.lengths.greatest == 0 && check.lengths.histogram.isEmpty)
  }

  @Test func `finds rows of one file in another, whatever stands beside them`() throws {
    let train = try check("t.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n{\"text\": \"b\"}")
    let valid = try check("v.jsonl", "{\"text\": \"c\"}\n{\"id\": 7, \"text\": \"b\"}")
    let shared = DataCheck([train, valid]).shared
    #expect(shared.count == 1)
    #expect(shared[0].file.file == "v.jsonl" && shared[0].other.file == "t.jsonl")
    #expect(shared[0].rows.map(\.row) == [2] && shared[0].rows.map(\.other) == [2])
  }

  @Test func `shows rows token by token`() throws {
    let text =
      "\n{\"prompt\": \"é\", \"completion\": \"b\"}\n{\"prompt\": \"a\", \"completion\": \"\"}"
    let first = try check("a.jsonl", text, viewing: .first(1)).views
    #expect(first.map(\.row) == [2] && first[0].length == 4)
    #expect(first[0].tokens.map(\.text) == ["\u{FFFD}", "\u{FFFD}", "b", "<end>"])
    #expect(first[0].tokens.map(\.isTrained) == [false, false, true, true])
    #expect(first[0].tokens.map(\.isSpecial) == [false, false, false, true])
    #expect(first[0].isEnded == true)
    #expect(try check("a.jsonl", text, viewing: .number(3)).views.map(\.row) == [3])
    #expect(try check("a.jsonl", text, viewing: .number(1)).views.isEmpty)
  }

  @Test func `of rows with labels counts the labels of those that are kept`() throws {
    let file = try folder.file(
      "a.tsv", "sentence\tlabel\nab\tgood\n\tbad\nabcdef\tgood\nab\tgood\n")
    let rows = try LabelledRows(at: file, task: .classification)
    let check = try FileCheck(
      rows, labels: rows.collectedLabels(),
      encoder: LabelledEncoder(ByteSequenceEncoder(), maxLength: 4), names: names,
      viewing: .first(1))
    #expect(check.format == "classification" && check.columns?.texts == ["sentence"])
    #expect(check.labels.map(\.name) == ["bad", "good"] && check.labels.map(\.rows) == [0, 3])
    #expect(check.kept == 3 && check.empty == 1 && check.truncated == 1)
    #expect(check.tokens == 10 && check.longest[0].row == 4 && check.longest[0].length == 7)
    #expect(check.duplicates.map(\.row) == [5] && check.duplicates.map(\.first) == [2])
    #expect(check.views.map(\.label) == ["good"])
    #expect(DataCheck([check]).json["files"]?.array?[0].object?["labels"] == ["bad": 0, "good": 3])
  }
}

@Suite struct `Statistics of lengths` {
  @Test func `have percentiles that are lengths of rows`() {
    let lengths = LengthStatistics(Array(1...200).reversed())
    #expect([0, 0.5, 0.9, 0.99, 1].map(lengths.percentile) == [1, 100, 180, 198, 200])
    #expect(lengths.mean == 100.5 && LengthStatistics([]).percentile(0.5) == 0)
  }

  @Test(arguments: [[3], [0, 9], [1, 10], [5, 1000, 12_345], Array(90...210)])
  func `have a histogram of at most twelve bars with every row in one`(lengths: [Int]) {
    let bins = LengthStatistics(lengths).histogram
    #expect(bins.count <= 12)
    for bin in bins { #expect(bin.rows == lengths.count { bin.lengths.contains($0) }) }
    #expect(bins.reduce(0) { $0 + $1.rows } == lengths.count)
  }
}
