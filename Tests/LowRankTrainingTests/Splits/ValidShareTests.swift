import Foundation
import LowRankTraining
import Testing

@Suite struct `A share of the rows for evaluation` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func texts(_ count: Int) throws -> ExampleSet {
    let rows = (0..<count).map { row in
      "{\"text\": \"row \(row) \(String(repeating: "x", count: row % 50))\"}"
    }.joined(separator: "\n")
    return try ExampleSet(
      at: folder.file("a.jsonl", rows),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 99))
  }

  private func labelled(_ labels: [String], _ task: TrainingTask) throws -> LabelledSet {
    let rows = "text\tlabel\n" + labels.map { "a\t\($0)\n" }.joined()
    return try LabelledSet(
      at: folder.file("a.tsv", rows), task: task,
      encoder: LabelledEncoder(ByteSequenceEncoder(), maxLength: 9))
  }

  @Test(arguments: [(2, 0.5, 1), (2, 0.01, 1), (2, 0.99, 1), (40, 0.1, 4), (41, 0.25, 10)])
  func `leaves rows on both sides`(count: Int, share: Double, expected: Int) throws {
    let whole = try texts(count)
    let (train, valid) = try whole.divided(by: ValidShare(share, seed: 7))
    #expect(valid.examples.count == expected && train.examples.count == count - expected)
    #expect(Set(train.rowNumbers + valid.rowNumbers) == Set(1...count))
    for set in [train, valid] {
      #expect(set.examples == set.rowNumbers.map { whole.examples[$0 - 1] })
      #expect(set.rowNumbers == set.rowNumbers.sorted())
      #expect(set.counts.kept == set.examples.count)
    }
  }

  @Test func `is the same for the same seed, and another for another`() throws {
    let whole = try texts(100)
    func rows(_ seed: UInt64) throws -> [Int] {
      try whole.divided(by: ValidShare(0.2, seed: seed)).valid.rowNumbers
    }
    #expect(try rows(1) == rows(1))
    #expect(try rows(1) != rows(2))
  }

  @Test func `is refused of one row`() throws {
    let one = try texts(1)
    #expect(
      message { try one.divided(by: ValidShare(0.5, seed: 0)) }
        == "a.jsonl: one row is left, and valid_share needs at least two: one to train on, one to evaluate on"
    )
  }

  @Test func `gives each class its share`() throws {
    let labels = (0..<100).map { $0 < 60 ? "a" : $0 < 95 ? "b" : $0 < 99 ? "c" : "d" }
    let whole = try labelled(labels, .classification)
    let (train, valid) = try whole.divided(by: ValidShare(0.2, seed: 3))
    func counts(_ set: LabelledSet) -> [Int] {
      (0..<4).map { index in set.examples.count { $0.target == .classIndex(index) } }
    }
    #expect(counts(valid) == [12, 7, 1, 0])
    #expect(counts(train) == [48, 28, 3, 1])
    #expect(valid.labels == whole.labels && valid.columns == whole.columns)
    let single = try labelled(["a", "b", "c"], .classification)
    #expect(
      message { try single.divided(by: ValidShare(0.3, seed: 0)) }
        .contains("would take the only row of a class"))
  }

  @Test func `gives each of several labels its share`() throws {
    let labels = (0..<200).map { row in
      ["a", "b", "c"].enumerated().filter { row % ($0.offset + 2) == 0 }.map(\.element)
        .joined(separator: ",")
    }
    let whole = try labelled(labels, .multilabel)
    let (_, valid) = try whole.divided(by: ValidShare(0.2, seed: 3))
    #expect(valid.examples.count == 40)
    for index in 0..<3 {
      func count(_ set: LabelledSet) -> Int {
        set.examples.count {
          if case .classes(let labels)? = $0.target { labels.contains(index) } else { false }
        }
      }
      #expect(abs(Double(count(valid)) - 0.2 * Double(count(whole))) <= 1)
    }
  }

  @Test func `is the same in a check as in training`() throws {
    let whole = try texts(30)
    let check = try FileCheck(
      at: folder.url.appending(path: "a.jsonl"),
      encoder: ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 99), ends: [0],
      names: TokenNames(special: []) { _ in nil })
    let share = ValidShare(0.3, seed: 5)
    let (set, parts) = (try whole.divided(by: share), try check.divided(by: share))
    #expect(parts.valid.kept == 9 && parts.train.kept == 21)
    // Rows of different lengths tell whether the same ones were chosen.
    #expect(parts.valid.tokens == set.valid.counts.tokens)
    #expect(parts.train.tokens == set.train.counts.tokens)
    #expect(parts.valid.longest.map(\.row).allSatisfy(set.valid.rowNumbers.contains))
  }
}
