import Foundation
import LowRankTokenizers
import Testing

@Suite struct `A tokenizer` {
  @Test func `names its tokens by bytes, not by canonical equality`() throws {
    let tokenizer = try TestFiles.tokenizer(
      #"{"model":{"type":"BPE","vocab":{"\u00e9":0,"e":1,"\u0301":2},"merges":[]}}"#)
    #expect(tokenizer.id(of: "\u{e9}") == 0)
    #expect(tokenizer.id(of: "e\u{301}") == nil)
    #expect(tokenizer.encode("\u{e9}").ids == [0])
    #expect(tokenizer.encode("e\u{301}").ids == [1, 2])
  }

  @Test func `keeps offsets right after characters that it leaves out`() throws {
    let tokenizer = try TestFiles.tokenizer(
      #"{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]}}"#)
    let encoding = tokenizer.encode("é1ab-a")
    #expect(encoding.ids == [2, 0])
    #expect(encoding.offsets == [3..<5, 6..<7])
  }

  @Test func `joins letters across one that it leaves out`() throws {
    let tokenizer = try TestFiles.tokenizer(
      #"{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}}"#)
    #expect(tokenizer.encode("a-b").ids == [2])
    #expect(tokenizer.encode("a-b").offsets == [0..<3])
  }

  @Test func `adds special tokens unless told not to`() throws {
    let tokenizer = try Tokenizer(folder: TestFiles.fixture("llama2"))
    let plain = tokenizer.encode("Hello", addSpecialTokens: false)
    let full = tokenizer.encode("Hello")
    #expect(full.ids.dropFirst().dropLast() == plain.ids[...])
    #expect(full.isSpecial == [true] + plain.isSpecial + [true])
    #expect(full.ids.first == tokenizer.id(of: "<s>"))
    #expect(full.ids.last == tokenizer.id(of: "</s>"))
    #expect(full.offsets.first == 0..<0)
    #expect(!plain.isSpecial.contains(true))
  }

  @Test func `refers to the text as it was given`() throws {
    let tokenizer = try TestFiles.tokenizer(
      """
      {"normalizer":{"type":"Sequence","normalizers":[
        {"type":"NFKD"},{"type":"StripAccents"},{"type":"Lowercase"}]},
      "model":{"type":"BPE","vocab":{"s":0,"t":1,"f":2,"i":3," ":4},"merges":[]}}
      """)
    let encoding = tokenizer.encode("\u{1E69}T\u{301} \u{FB01}")
    #expect(encoding.ids == [0, 1, 4, 2, 3])
    #expect(encoding.offsets == [0..<3, 3..<4, 6..<7, 7..<10, 7..<10])
  }

  @Test func `gives ids for tokens and tokens for ids`() throws {
    let tokenizer = try Tokenizer(folder: TestFiles.fixture("llama3"))
    for id in 0..<Int32(tokenizer.vocabularySize) {
      let token = try #require(tokenizer.token(of: id))
      #expect(tokenizer.id(of: token) == id)
    }
    #expect(tokenizer.token(of: Int32(tokenizer.vocabularySize)) == nil)
    #expect(tokenizer.token(of: -1) == nil)
    #expect(tokenizer.id(of: "no such token") == nil)
  }

  @Test func `leaves ids out that belong to no token`() throws {
    let tokenizer = try Tokenizer(folder: TestFiles.fixture("llama3"))
    let ids = tokenizer.encode("Hello").ids
    #expect(tokenizer.decode(ids + [1 << 20, -5]) == "Hello")
  }

  @Test func `encodes many texts at the same time as one by one`() async throws {
    let tokenizer = try Tokenizer(folder: TestFiles.fixture("qwen2"))
    let texts = (0..<200).map {
      "Text \($0): naïve e\u{301} 東京 \(String(repeating: "ab ", count: $0))"
    }
    let expected = texts.map { tokenizer.encode($0) }
    let found = await withTaskGroup(of: (Int, Encoding).self) { group in
      for (index, text) in texts.enumerated() {
        group.addTask { (index, tokenizer.encode(text)) }
      }
      var found: [Int: Encoding] = [:]
      for await (index, encoding) in group { found[index] = encoding }
      return found
    }
    for (index, encoding) in expected.enumerated() { #expect(found[index] == encoding) }
  }

  @Test func `neither cuts nor pads as its file says`() throws {
    let tokenizer = try TestFiles.tokenizer(
      """
      {"truncation":{"direction":"Right","max_length":128,"strategy":"LongestFirst","stride":0},
      "padding":{"strategy":{"Fixed":128},"direction":"Right","pad_to_multiple_of":null,
        "pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"},
      "pre_tokenizer":{"type":"BertPreTokenizer"},
      "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
        "max_input_chars_per_word":4,"vocab":{"[UNK]":0,"a":1,"##b":2,"##bc":3}}}
      """)
    let encoding = tokenizer.encode("abc abb abd aabbb")
    #expect(encoding.ids == [1, 3, 1, 2, 2, 0, 0])
    #expect(encoding.offsets == [0..<1, 1..<3, 4..<5, 5..<6, 6..<7, 8..<11, 12..<17])
    #expect(tokenizer.encode(String(repeating: "a ", count: 200)).count == 200)
    #expect(
      throws: TokenizerError.tooLong(limit: 1, truncation: .onlyFirst),
      performing: { try tokenizer.encodePair("a", "ab", longest: 1, truncation: .onlyFirst) })
  }

  @Test(.timeLimit(.minutes(1)))
  func `takes a long text without a seam`() throws {
    // One word of a million letters, every two of which could be merged.
    let tokenizer = try TestFiles.tokenizer(
      #"{"model":{"type":"BPE","vocab":{"a":0,"aa":1,"aaaa":2},"merges":["a a","aa aa"]}}"#)
    let encoding = tokenizer.encode(String(repeating: "a", count: 1_000_003))
    #expect(encoding.count == 250_002)
    #expect(encoding.ids.suffix(3) == [2, 1, 0])
    #expect(encoding.offsets.last == 1_000_002..<1_000_003)
  }
}
