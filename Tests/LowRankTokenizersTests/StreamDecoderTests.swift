import Foundation
import LowRankTokenizers
import Testing

@Suite struct `Text that comes token by token` {
  private static func stream(_ ids: [Int32], of tokenizer: Tokenizer) -> [String] {
    var decoder = StreamDecoder(tokenizer)
    var parts = ids.map { decoder.append($0) }
    parts.append(decoder.finish())
    return parts
  }

  @Test(arguments: ["llama3", "llama2", "metaspace-first", "roberta"])
  func `is the text of all tokens`(name: String) throws {
    let tokenizer = try Tokenizer(folder: TestFiles.fixture(name))
    for text in ["Hello world", "naïve 東京 👩‍👧 x", " two  spaces ", "\u{FFFD} kept \u{FFFD}"] {
      let ids = tokenizer.encode(text).ids
      let joined = Self.stream(ids, of: tokenizer).joined()
      #expect(Array(joined.utf8) == Array(tokenizer.decode(ids).utf8))
    }
  }

  @Test(arguments: ["llama3", "llama2"])
  func `holds a character back until it is whole`(name: String) throws {
    let tokenizer = try Tokenizer(folder: TestFiles.fixture(name))
    let ids = tokenizer.encode("👩", addSpecialTokens: false).ids
    try #require(ids.count > 1)
    let parts = Self.stream(ids, of: tokenizer)
    #expect(parts.filter { !$0.isEmpty } == ["👩"])
  }

  @Test(arguments: ["llama3", "llama2"])
  func `is made of bytes where tokens are parts of characters`(name: String) throws {
    let tokenizer = try Tokenizer(folder: TestFiles.fixture(name))
    let ids = tokenizer.encode("👩", addSpecialTokens: false).ids
    #expect(ids.compactMap { tokenizer.partialBytes(of: $0) }.joined().elementsEqual("👩".utf8))
    for id in tokenizer.encode("Hello world\n é").ids {
      #expect(tokenizer.partialBytes(of: id) == nil)
    }
  }

  @Test func `ends with what was left unfinished`() throws {
    let tokenizer = try Tokenizer(folder: TestFiles.fixture("llama3"))
    let ids = tokenizer.encode("a👩", addSpecialTokens: false).ids.dropLast()
    #expect(Self.stream(Array(ids), of: tokenizer).joined() == "a\u{FFFD}")
  }
}
