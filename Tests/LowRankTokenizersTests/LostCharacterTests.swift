import Foundation
import LowRankTokenizers
import Testing

/// What a vocabulary has no token for, by the vocabularies themselves.
@Suite struct `What a tokenizer leaves out` {
  private func tokenizer(
    _ tokens: [String], unknown: String? = nil, falls: Bool = false, stages: String = ""
  ) throws -> Tokenizer {
    let vocabulary = tokens.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    let text = """
      {"version": "1.0", "added_tokens": [], \(stages) "model": {"type": "BPE", "unk_token": \
      \(unknown.map { "\"\($0)\"" } ?? "null"), "fuse_unk": false, "byte_fallback": \(falls), "vocab": {\(vocabulary)}, "merges": []}}
      """
    let file = FileManager.default.temporaryDirectory.appending(path: "tokenizer-\(UUID()).json")
    try text.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    return try Tokenizer(file: file)
  }

  @Test func `is every character without a token, in order`() throws {
    let tokenizer = try tokenizer(["a", "b", "é"])
    #expect(tokenizer.unknownToken == nil)
    #expect(tokenizer.encode("ab").lost == "")
    let text = "1a漢éX b1"
    #expect(tokenizer.encode(text).ids == [0, 2, 1])
    #expect(tokenizer.encode(text).lost == "1漢X 1")
    // A word is cached after the first time.
    #expect(tokenizer.encode(text).lost == "1漢X 1")
    #expect(tokenizer.encode("12").lost == "12")
    #expect(try tokenizer.encodePair("a1", "2b").lost == "12")
  }

  @Test func `is not what a stage before the vocabulary takes away`() throws {
    let spaces =
      #""pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "Removed", "invert": false},"#
    let split = try tokenizer(["a", "b"], stages: spaces)
    #expect(split.encode("a b c").ids == [0, 1] && split.encode("a b c").lost == "c")
    let lower = #""normalizer": {"type": "Lowercase"},"#
    #expect(try tokenizer(["a", "b"], stages: lower).encode("ABC").lost == "C")
  }

  @Test func `is nothing if there is a token for it, or one for each byte`() throws {
    let unknown = try tokenizer(["a", "<unk>"], unknown: "<unk>")
    #expect(unknown.unknownToken == 1)
    #expect(unknown.encode("a1").lost == nil && unknown.encode("a1").ids == [0, 1])
    let bytes = (0..<256).map { "<0x" + (String(format: "%02X", $0)) + ">" }
    let fallback = try tokenizer(["a"] + bytes, falls: true)
    #expect(fallback.encode("a漢").lost == nil && fallback.encode("a漢").count == 4)
    // Of a fallback that lacks a byte, the characters with it are left out.
    let part = try tokenizer(["a"] + bytes.filter { $0 != "<0xE6>" }, falls: true)
    #expect(part.encode("a漢1").lost == "漢")
  }

  @Test func `is a character of which a byte is no token`() throws {
    // Of é, C3 A9, the vocabulary of bytes has only the first, which GPT-2 writes as Ã.
    let stages =
      #""pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},"#
    let tokenizer = try tokenizer(["a", "Ã"], stages: stages)
    #expect(tokenizer.encode("aé1").lost == "é1" && tokenizer.encode("aé1").ids == [0, 1])
  }
}
