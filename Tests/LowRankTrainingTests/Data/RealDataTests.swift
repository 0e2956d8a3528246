import Foundation
import LowRankCheckpoints
import LowRankTokenizers
import LowRankTraining
import Testing

/// The folder of real data, where there is one.
private let data = URL(
  filePath: ProcessInfo.processInfo.environment["LOWRANK_ASSETS"] ?? "../shared/assets",
  directoryHint: .isDirectory
).appending(path: "data", directoryHint: .isDirectory)

@Suite(
  .enabled("LOWRANK_ASSETS names no folder with data") {
    FileManager.default.fileExists(atPath: data.path)
  })
struct `Real data` {
  @Test(arguments: [
    ("e2e/train.jsonl", 42_061), ("e2e/valid.jsonl", 4_672), ("e2e/test.jsonl", 4_693),
    ("sst2/train.tsv", 67_349), ("sst2/dev.tsv", 872), ("rte/train.tsv", 2_490),
    ("rte/dev.tsv", 277), ("banking77/train.csv", 10_003), ("banking77/test.csv", 3_080),
    ("wikisql/train.jsonl", 1_000), ("instruct/alpaca_en_demo.json", 999),
  ])
  func `is read row by row`(name: String, rows: Int) throws {
    #expect(try DataTable(at: data.appending(path: name)).rows.count == rows)
  }

  @Test func `of restaurants keeps prompts and completions whole`() throws {
    let encoder = ExampleEncoder(ByteEncoder(), endOfSequence: 0, maxLength: 10_000)
    let set = try ExampleSet(at: data.appending(path: "e2e/train.jsonl"), encoder: encoder)
    #expect(set.counts.kept == 42_061)
    #expect(set.counts.truncated == 0)
    let first = try #require(set.examples.first)
    let trained = try #require(first.trained.first)
    let text = String(decoding: first.ids[trained].dropLast().map { UInt8($0) }, as: UTF8.self)
    #expect(text.hasPrefix("The Vaults pub near Café Adriatic"))
  }

  /// As far as no token reaches across the boundary, what is trained is the completion.
  @Test(arguments: ["", "\n"])
  func `of restaurants as GPT-2 reads it teaches the completion`(separator: String) throws {
    let folder = data.appending(path: "../tokenizers/gpt2", directoryHint: .isDirectory)
    let tokenizer = try Tokenizer(folder: folder)
    let end = try #require(tokenizer.id(of: "<|endoftext|>"))
    let encoder = ExampleEncoder(
      tokenizer, endOfSequence: end, maxLength: 1024, separator: separator)
    var whole = 0
    for row in try DataTable(at: data.appending(path: "e2e/valid.jsonl")).rows {
      let prompt = try #require(row.fields["prompt"]?.string)
      let completion = try #require(row.fields["completion"]?.string)
      let example = try encoder.example(.completion(prompt: prompt, completion: completion)).example
      let trained = try #require(example.trained.first)
      #expect(example.trained.count == 1)
      #expect(example.ids.last == end)
      let text = tokenizer.decode(example.ids[trained].dropLast())
      let across = tokenizer.decode(example.ids[(trained.lowerBound - 1)...].dropLast())
      #expect(completion.utf8.reversed().starts(with: text.utf8.reversed()))
      #expect(across.utf8.count > completion.utf8.count)
      if text == completion { whole += 1 }
    }
    #expect(separator.isEmpty ? whole > 0 : whole == 4_672)
  }
}
