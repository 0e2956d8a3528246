import Foundation
import LowRankTokenizers
import Testing

@Suite struct `A vocabulary in two files` {
  private static let files = [
    "vocab.json": #"{"a":0,"b":1,"ab":2,"Ġ":3,"Ġab":4,"<|endoftext|>":5}"#,
    "merges.txt": "#version: 0.2\na b\nĠ ab\n",
  ]

  @Test func `is read as GPT-2's`() throws {
    try TestFiles.withFolder(Self.files) { folder in
      let tokenizer = try Tokenizer(folder: folder)
      let encoding = tokenizer.encode("ab ab<|endoftext|>b")
      #expect(encoding.ids == [2, 4, 5, 1])
      #expect(encoding.offsets == [0..<2, 2..<5, 5..<18, 18..<19])
      #expect(tokenizer.decode(encoding.ids) == "ab abb")
      #expect(tokenizer.decode(encoding.ids, skipSpecialTokens: false) == "ab ab<|endoftext|>b")
      #expect(tokenizer.vocabularySize == 6)
      #expect(tokenizer.specialTokens.map(\.id) == [5])
    }
  }

  @Test func `of another model is not`() throws {
    let config = ["tokenizer_config.json": #"{"tokenizer_class":"Qwen2Tokenizer"}"#]
    try TestFiles.withFolder(Self.files.merging(config) { $1 }) { folder in
      let error = #expect(throws: TokenizerError.self) { try Tokenizer(folder: folder) }
      #expect(error?.description.contains("Qwen2Tokenizer without a tokenizer.json") == true)
    }
  }

  @Test func `has a line for each merge`() throws {
    var files = Self.files
    files["merges.txt"] = "#version: 0.2\na b\n\nĠ ab\n"
    try TestFiles.withFolder(files) { folder in
      let error = #expect(throws: TokenizerError.self) { try Tokenizer(folder: folder) }
      #expect(error?.description.contains("merges.txt") == true)
      #expect(error?.description.contains("merge 1 must be two tokens") == true)
    }
  }

  @Test(.enabled(if: TestFiles.hasAsset("tokenizers/gpt2"), "the assets are not there"))
  func `and the same in one give the same tokens`() throws {
    let folder = TestFiles.assets.appendingPathComponent("tokenizers/gpt2")
    let one = try Tokenizer(folder: folder)
    let text = "One day, a <|endoftext|> little\n\n girl's 1234 naïve 東京 👩‍👧"
    try TestFiles.withFolder([:]) { copy in
      for name in ["vocab.json", "merges.txt"] {
        try FileManager.default.createSymbolicLink(
          at: copy.appendingPathComponent(name),
          withDestinationURL: folder.appendingPathComponent(name))
      }
      let two = try Tokenizer(folder: copy)
      #expect(two.encode(text) == one.encode(text))
      #expect(two.vocabularySize == 50_257)
      #expect(one.vocabularySize == 50_257)
    }
  }
}
