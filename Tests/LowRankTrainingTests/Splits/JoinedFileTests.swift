import Foundation
import LowRankTraining
import Testing

@Suite struct `Several files of one split` {
  let folder: TemporaryFolder
  let split: DataSplit

  init() throws {
    folder = try TemporaryFolder()
    split = DataSplit([
      try folder.file("train-0.csv", "prompt,completion\na,b\n"),
      try folder.file("train-1.csv", "prompt,completion\n"),
      try folder.file("train-2.csv", "completion,prompt\nd,c\nf,e\n"),
    ])
  }

  private let encoder = ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 9)

  @Test func `are read in order as one`() throws {
    let set = try ExampleSet(of: split, encoder: encoder)
    #expect(set.examples.map(\.ids) == [[97, 98, 0], [99, 100, 0], [101, 102, 0]])
    #expect(set.rowNumbers == [1, 2, 3])
    #expect(set.source == "train-0.csv and 2 more")
    #expect(
      set.remarks == [
        "train-0.csv and 2 more: 3 files are read as one; rows are counted across them"
      ])
  }

  @Test func `keep their names and lines in messages`() throws {
    let bad = DataSplit(
      split.files + [try folder.file("train-3.jsonl", "{\"prompt\": \"a\", \"completion\": null}")])
    #expect(
      message { try ExampleSet(of: bad, encoder: encoder) }
        == "train-3.jsonl, line 1: \"completion\" must be a string or a number, found null")
    let labelled = DataSplit([
      try folder.file("a.tsv", "text\tlabel\nx\ty\n"),
      try folder.file("b.tsv", "text\tlabel\nx\tz\nx\t\n"),
    ])
    #expect(
      message { try LabelledRows(of: labelled, task: .classification) }
        .hasPrefix("b.tsv, line 3: the label must be"))
  }

  @Test func `are checked with rows counted across them`() throws {
    let again = DataSplit(
      split.files + [try folder.file("train-3.csv", "prompt,completion\na,b\n")])
    let check = try FileCheck(
      of: again, encoder: encoder, ends: [0], names: TokenNames(special: []) { _ in nil },
      viewing: .number(4))
    #expect(check.unit == "row" && check.rowCount == 4)
    #expect(check.duplicates.map(\.row) == [4] && check.duplicates.map(\.first) == [1])
    #expect(check.views.map(\.row) == [4])
  }

  @Test func `without a row are refused`() throws {
    let empty = DataSplit([
      try folder.file("x.csv", "prompt,completion\n"), try folder.file("y.csv", ""),
    ])
    #expect(
      message { try ExampleSet(of: empty, encoder: encoder) }
        == "x.csv and 1 more: the files have no rows")
  }
}
