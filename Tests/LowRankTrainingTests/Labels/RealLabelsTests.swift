import Foundation
import LowRankTokenizers
import LowRankTraining
import Testing

/// The folder of real models and data, where there is one.
private let assets = URL(
  filePath: ProcessInfo.processInfo.environment["LOWRANK_ASSETS"] ?? "../shared/assets",
  directoryHint: .isDirectory)

@Suite(
  .enabled("LOWRANK_ASSETS names no folder with data") {
    FileManager.default.fileExists(atPath: assets.appending(path: "data").path)
  })
struct `Real labels` {
  private func set(
    _ name: String, _ columns: ColumnChoice = ColumnChoice(), labels: LabelMap? = nil,
    length: Int = 10_000, requiresLabels: Bool = true
  ) throws -> LabelledSet {
    try LabelledSet(
      at: assets.appending(path: "data/\(name)"), columns: columns, task: .classification,
      labels: labels, encoder: LabelledEncoder(ByteSequenceEncoder(), maxLength: length),
      requiresLabels: requiresLabels)
  }

  private func shares(_ set: LabelledSet) -> [Int] {
    var counts = Array(repeating: 0, count: set.labels?.count ?? 0)
    for example in set.examples {
      if case .classIndex(let index) = example.target { counts[index] += 1 }
    }
    return counts
  }

  @Test func `of film reviews are two`() throws {
    let train = try set("sst2/train.tsv")
    #expect(train.counts.kept == 67_349)
    #expect(train.labels?.names == ["0", "1"])
    #expect(shares(train) == [29_780, 37_569])
    #expect(shares(try set("sst2/dev.tsv", labels: train.labels)) == [428, 444])
  }

  @Test func `of a file without header are found by number`() throws {
    let columns = ColumnChoice(texts: ["4"], label: "2")
    let train = try set("cola/in_domain_train.tsv", columns)
    #expect(train.counts.kept == 8_551)
    #expect(shares(train) == [2_528, 6_023])
    let outside = try set("cola/out_of_domain_dev.tsv", columns, labels: train.labels)
    #expect(outside.counts.kept == 516)
    let text = outside.examples[0].ids.dropLast().map { UInt8($0) }
    #expect(String(decoding: text, as: UTF8.self) == "Somebody just left - guess who.")
  }

  @Test func `of pairs with literal quotes are two`() throws {
    let train = try set("rte/train.tsv")
    #expect(train.counts.kept == 2_490)
    #expect(train.labels?.names == ["entailment", "not_entailment"])
    #expect(shares(train) == [1_249, 1_241])
    let rows = try LabelledRows(
      at: assets.appending(path: "data/rte/train.tsv"), task: .classification)
    #expect(rows.rows.count { $0.texts.contains { $0.utf8.contains(UInt8(ascii: "\"")) } } == 454)
    let test = try set("rte/test.tsv", labels: train.labels, requiresLabels: false)
    #expect(test.examples.allSatisfy { $0.target == nil })
    #expect(test.columns == ColumnChoice(texts: ["sentence1", "sentence2"]))
  }

  @Test func `of bank customers are 77`() throws {
    let train = try set("banking77/train.csv")
    #expect(train.labels?.count == 77)
    #expect(train.labels?.names.first == "Refund_not_showing_up")
    let test = try set("banking77/test.csv", labels: train.labels)
    #expect(shares(test) == Array(repeating: 40, count: 77))
  }

  @Test func `are encoded by a real tokenizer, cut to a length`() throws {
    let tokenizer = try Tokenizer(folder: assets.appending(path: "tokenizers/gpt2"))
    let encoder = LabelledEncoder(tokenizer, maxLength: 64, vocabularySize: 50_257)
    let set = try LabelledSet(
      at: assets.appending(path: "data/rte/dev.tsv"), task: .classification, encoder: encoder)
    #expect(set.counts.kept == 277)
    #expect(set.counts.truncated > 0)
    #expect(set.examples.map(\.ids.count).max() == 64)
    #expect(set.examples.allSatisfy { $0.typeIDs.contains(1) && $0.typeIDs.contains(0) })
  }
}
