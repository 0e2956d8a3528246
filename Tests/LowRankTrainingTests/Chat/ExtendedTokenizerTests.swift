import Foundation
import LowRankCheckpoints
import LowRankTokenizers
import LowRankTraining
import Testing

@Suite struct `A tokenizer with added tokens` {
  let folder: TemporaryFolder
  let output: TemporaryFolder

  init() throws {
    (folder, output) = (try TemporaryFolder(), try TemporaryFolder())
    let reference = try fixture("chat.json")
    _ = try folder.file("tokenizer.json", reference.object["tokenizer"]?.text() ?? "")
  }

  private func settings() throws -> JSONFile {
    try JSONFile(at: output.url.appending(path: "tokenizer_config.json"))
  }

  @Test func `keeps all ids, those of other files among them, and reads texts as before`() throws {
    _ = try folder.file(
      "tokenizer_config.json",
      #"{"pad_token": "<pad>", "eos_token": "</s>", "added_tokens_decoder": {}}"#)
    _ = try folder.file("special_tokens_map.json", #"{"eos_token": "</s>"}"#)
    let before = try Tokenizer(folder: folder.url)
    let pad = try #require(before.id(of: "<pad>"))
    let known = try #require(before.addedTokens.first?.content)
    let extended = try ExtendedTokenizer(
      adding: ["<new>", known, "<other>", "<new>"], to: folder.url, into: output.url)
    #expect(extended.added == ["<new>", "<other>"])
    #expect(extended.knownCount == before.vocabularySize && Int(pad) == extended.knownCount - 1)
    #expect(extended.ids == [extended.knownCount, extended.knownCount + 1])
    #expect(extended.count == extended.knownCount + 2)

    let after = try Tokenizer(folder: output.url)
    #expect(after.id(of: "<pad>") == pad)
    for text in ["Why low?", "Çok güzel! <pad> 🙂\n", known] {
      #expect(after.encode(text).ids == before.encode(text).ids)
    }
    #expect(
      after.encode("a<new>b", addSpecialTokens: false).ids
        == before.encode("a", addSpecialTokens: false).ids + [Int32(extended.ids[0])]
        + before.encode("b", addSpecialTokens: false).ids)
    #expect(after.decode([Int32(extended.ids[1])]) == "")
    let decoder = try settings().object("added_tokens_decoder")
    #expect(decoder[String(extended.ids[0])]?.object?["content"] == "<new>")
    #expect(try settings()["tokenizer_class"] == "PreTrainedTokenizerFast")
    #expect(
      FileManager.default.fileExists(
        atPath: output.url.appending(path: "special_tokens_map.json").path))
  }

  @Test func `keeps the class that the settings name, and lists no tokens where none were`() throws
  {
    _ = try folder.file("tokenizer_config.json", #"{"tokenizer_class": "LlamaTokenizer"}"#)
    _ = try ExtendedTokenizer(adding: ["<new>"], to: folder.url, into: output.url)
    #expect(try settings()["tokenizer_class"] == "LlamaTokenizer")
    #expect(try settings()["added_tokens_decoder"] == nil)
  }

  @Test func `needs a tokenizer.json`() throws {
    let empty = try TemporaryFolder()
    #expect(
      message { try ExtendedTokenizer(adding: ["<new>"], to: empty.url, into: output.url) }
        .contains("holds no tokenizer.json"))
  }
}
