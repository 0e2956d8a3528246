import Foundation
import LowRankTokenizers
import Testing

/// A vocabulary of SentencePiece with every letter of the tests; scores fall with the ids.
private func sentencePiece(_ tokens: [String], types: [Int32]? = nil) -> GGUFVocabulary {
  var vocabulary = GGUFVocabulary(file: "tiny.gguf", model: "llama", tokens: tokens)
  vocabulary.scores = tokens.indices.map { -Float($0) }
  vocabulary.types = types ?? []
  vocabulary.addsBegin = false
  vocabulary.addsSpacePrefix = false
  return vocabulary
}

private func texts(_ text: String, _ vocabulary: GGUFVocabulary) throws -> [String] {
  let tokenizer = try Tokenizer(vocabulary)
  return tokenizer.encode(text).ids.compactMap { tokenizer.token(of: $0) }
}

@Suite struct `The tokenizer of a GGUF file` {
  static let kinds = [
    "llama", "phi3", "gemma", "gpt-2", "smollm", "llama-bpe", "smaug-bpe", "dbrx", "qwen2",
    "deepseek-r1-qwen", "qwen35", "gpt-4o", "tekken",
  ]

  private static func vocabulary(_ kind: String) throws -> GGUFVocabulary {
    try #require(try GGUFFields.vocabulary(in: TestFiles.fixture("gguf-\(kind)")))
  }

  @Test(arguments: kinds)
  func `agrees with transformers on hand-picked texts`(kind: String) throws {
    try Recorded("gguf-\(kind)").expect(of: Tokenizer(Self.vocabulary(kind)))
  }

  @Test(arguments: kinds)
  func `is the same after it was written as tokenizer.json`(kind: String) throws {
    let vocabulary = try Self.vocabulary(kind)
    let json = String(decoding: try vocabulary.tokenizerJSON(), as: UTF8.self)
    let config = String(decoding: vocabulary.tokenizerConfig(chatTemplate: nil), as: UTF8.self)
    try TestFiles.withFolder(["tokenizer.json": json, "tokenizer_config.json": config]) { folder in
      let written = try Tokenizer(folder: folder)
      let tokenizer = try Tokenizer(vocabulary)
      try Recorded("gguf-\(kind)").expect(of: written)
      #expect(written.addedTokens == tokenizer.addedTokens)
      #expect(written.vocabularySize == tokenizer.vocabularySize)
      for first in ["a b", ""] {
        #expect(try written.encodePair(first, "c d") == tokenizer.encodePair(first, "c d"))
      }
    }
  }

  @Test func `merges tokens by their scores, not by their places`() throws {
    var vocabulary = sentencePiece(["a", "b", "c", "ab", "bc"])
    #expect(try texts("abc", vocabulary) == ["ab", "c"])
    vocabulary.scores[3] = -10
    #expect(try texts("abc", vocabulary) == ["a", "bc"])
  }

  /// The expected tokens are those of transformers' `generate_merges`.
  @Test func `takes the longest left half first if scores are equal, then the lower id`() throws {
    var vocabulary = sentencePiece(["a", "b", "c", "d", "ab", "cd", "abc", "bc"])
    vocabulary.scores = [0, 0, 0, 0, 0, -1, -1, -1]
    #expect(try texts("abcd", vocabulary) == ["abc", "d"])
    #expect(try texts("bcd", vocabulary) == ["b", "cd"])
  }

  @Test func `puts a space before each text and after special tokens`() throws {
    var vocabulary = sentencePiece(["<s>", "▁", "a", "▁a"], types: [3, 1, 1, 1])
    vocabulary.addsSpacePrefix = nil
    #expect(try texts("a<s>a", vocabulary) == ["▁a", "<s>", "▁a"])
    #expect(try texts(" a", vocabulary) == ["▁", "▁a"])
    #expect(try Tokenizer(vocabulary).decode([3, 0, 3], skipSpecialTokens: true) == "a a")
    vocabulary.addsSpacePrefix = false
    #expect(try texts("a<s>a", vocabulary) == ["a", "<s>", "a"])
    #expect(try Tokenizer(vocabulary).decode([3]) == " a")
  }

  @Test func `adds the begin token of SentencePiece unless the file says no`() throws {
    var vocabulary = sentencePiece(["<s>", "</s>", "a"], types: [3, 3, 1])
    vocabulary.addsBegin = nil
    #expect(try Tokenizer(vocabulary).encode("a").ids == [0, 2])
    vocabulary.begin = 1
    vocabulary.end = 0
    vocabulary.addsEnd = true
    #expect(try Tokenizer(vocabulary).encode("a").ids == [1, 2, 0])
    #expect(try Tokenizer(vocabulary).encode("a").isSpecial == [true, false, true])
    vocabulary.addsBegin = false
    #expect(try Tokenizer(vocabulary).encode("a").ids == [2, 0])
  }

  @Test func `leaves out the rows at the end that stand for no token`() throws {
    var vocabulary = sentencePiece(
      ["a", "[PAD1]", "b", "[PAD3]", "[PAD4]"], types: [1, 5, 1, 5, 5])
    #expect(try Tokenizer(vocabulary).vocabularySize == 3)
    #expect(try Tokenizer(vocabulary).token(of: 1) == "[PAD1]")
    // A token that a key names is there.
    vocabulary.padding = 3
    #expect(try Tokenizer(vocabulary).vocabularySize == 4)
    #expect(try Tokenizer(vocabulary).specialTokens.map(\.id) == [3])
  }

  @Test func `gives tokens without text a name`() throws {
    let vocabulary = sentencePiece(["a", "", "b", ""])
    let tokenizer = try Tokenizer(vocabulary)
    #expect((0..<4).map { tokenizer.token(of: $0) } == ["a", "[EMPTY_1]", "b", "[EMPTY_3]"])
  }

  @Test func `merges Gemma's spaces before all else, whatever their scores are`() throws {
    var vocabulary = sentencePiece(["▁", "a", "▁a", "  ", "   "], types: [1, 1, 1, 4, 4])
    vocabulary.scores = [0, 0, 0, -1000, -1000]
    #expect(try texts("  a   a", vocabulary) == ["▁▁", "a", "▁▁▁", "a"])
    #expect(try texts("▁▁", vocabulary) == ["▁▁"])
    #expect(try Tokenizer(vocabulary).addedTokens.isEmpty)
    // With a space before each text, they are looked for as they are.
    vocabulary.addsSpacePrefix = true
    #expect(try texts("a  a", vocabulary) == ["▁a", "  ", "▁a"])
    // And if the vocabulary has both.
    vocabulary = sentencePiece(["▁", "a", "▁▁", "  "], types: [1, 1, 1, 4])
    #expect(try texts("a  a▁▁", vocabulary) == ["a", "  ", "a", "▁▁"])
  }

  @Test func `takes the white space after special tokens of Phi-3 along`() throws {
    var vocabulary = sentencePiece(["<|end|>", "<s>", "a", "\n"], types: [4, 3, 1, 1])
    #expect(try texts("<|end|>\na<s>\n", vocabulary) == ["<|end|>", "\n", "a", "<s>", "\n"])
    vocabulary.name = "Phi-3 Mini 4k"
    #expect(try texts("<|end|>\na<s>\n", vocabulary) == ["<|end|>", "a", "<s>", "\n"])
  }

  @Test func `ends a generated text at the tokens that llama.cpp finds`() throws {
    var vocabulary = sentencePiece(
      ["<eos>", "<end_of_turn>", "</s>", "<|im_end|>", "x", "y"], types: [3, 3, 4, 1, 3, 1])
    vocabulary.end = 0
    // </s> is HTML in Gemma's vocabulary, and a normal token is text.
    #expect(vocabulary.endOfGeneration == [0, 1])
    vocabulary.endOfTurn = 5
    #expect(vocabulary.endOfGeneration == [0, 1, 5])
    #expect(try Tokenizer(vocabulary).specialTokens.map(\.id) == [0, 1, 4, 5])
  }

  @Test func `writes the special tokens and the template into tokenizer_config.json`() throws {
    struct Configuration: Decodable, Equatable {
      var tokenizerClass: String
      var bosToken: String?
      var eosToken: String?
      var unkToken: String?
      var padToken: String?
      var maskToken: String?
      var addBosToken: Bool
      var addEosToken: Bool
      var chatTemplate: String?
    }
    func configuration(_ vocabulary: GGUFVocabulary, _ template: String?) throws -> Configuration {
      let bytes = vocabulary.tokenizerConfig(chatTemplate: template)
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Configuration.self, from: Data(bytes))
    }
    let gemma = try Self.vocabulary("gemma")
    let template = "{{ \"a\\n\" }}\u{1}\té\n"
    #expect(
      try configuration(gemma, template)
        == Configuration(
          tokenizerClass: "PreTrainedTokenizerFast", bosToken: "<bos>", eosToken: "<eos>",
          unkToken: "<unk>", padToken: "<pad>", maskToken: nil, addBosToken: true,
          addEosToken: false, chatTemplate: template))
    // A normal token that is named as padding is text, and stays it.
    var plain = sentencePiece(["a", "b", "<s>"], types: [1, 1, 3])
    plain.padding = 0
    #expect(
      try configuration(plain, nil)
        == Configuration(
          tokenizerClass: "PreTrainedTokenizerFast", bosToken: "<s>", eosToken: nil,
          unkToken: nil, padToken: nil, maskToken: nil, addBosToken: false,
          addEosToken: false, chatTemplate: nil))
  }
}
