import Foundation
import LowRankTokenizers
import Testing

@Suite struct `A tokenizer and PyPI tokenizers` {
  /// Those of encoder models; what transformers makes of a folder without a `tokenizer.json`.
  static let encoders = [
    "t5", "albert", "xlm-roberta", "folder-bert", "folder-distilbert", "folder-roberta",
    "folder-roberta-prefixed", "folder-gpt2", "folder-deberta", "folder-deberta-lower",
    "folder-xlm-roberta",
  ]

  @Test(arguments: [
    "llama3", "qwen2", "o200k", "roberta", "llama2", "metaspace-first", "plain", "punctuation",
    "added", "bert-uncased", "bert-cased",
  ])
  func `agree on hand-picked texts with a small tokenizer`(name: String) throws {
    try Recorded(name).expect(of: Tokenizer(folder: TestFiles.fixture(name)))
  }

  @Test(arguments: encoders)
  func `agree on hand-picked texts with a tokenizer of an encoder`(name: String) throws {
    try Recorded(name).expect(of: Tokenizer(folder: TestFiles.fixture(name)))
  }

  @Test(arguments: ["bert-uncased", "bert-cased"] + encoders)
  func `agree on pairs of texts`(name: String) throws {
    let folder = try TestFiles.fixture(name)
    let pairs = try RecordedPair.read(folder)
    let tokenizer = try Tokenizer(folder: folder)
    #expect(!pairs.isEmpty)
    for pair in pairs { #expect(pair.agrees(with: tokenizer), "\(pair)") }
  }

  @Test(
    .enabled(if: TestFiles.hasAsset("tokenizers/gpt2"), "the assets are not there"),
    arguments: [
      ("gpt2", "tokenizers/gpt2"), ("stories260K", "models/stories260K"),
      ("gpt2-names", "models/gpt2-names"),
    ])
  func `agree on hand-picked texts with a real tokenizer`(name: String, path: String) throws {
    let folder = TestFiles.assets.appendingPathComponent(path)
    try Recorded(name).expect(of: Tokenizer(folder: folder))
  }

  @Test(.enabled(if: TestFiles.hasAsset("models/stories260K"), "the assets are not there"))
  func `agree on what the model's own reference says`() throws {
    struct Reference: Decodable {
      var text: String
      var ids: [Int32]
    }
    let folder = TestFiles.assets.appendingPathComponent("models/stories260K")
    let data = try Data(contentsOf: folder.appendingPathComponent("reference.json"))
    let reference = try JSONDecoder().decode(Reference.self, from: data)
    #expect(try Tokenizer(folder: folder).encode(reference.text).ids == reference.ids)
  }
}
