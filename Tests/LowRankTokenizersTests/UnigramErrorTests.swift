import Foundation
import LowRankTokenizers
import Testing

/// The sentence that is said of a tokenizer.json.
private func sentence(_ json: String) throws -> String {
  let error = #expect(throws: TokenizerError.self) { try TestFiles.tokenizer(json) }
  return try #require(error).description
}

/// A character map of some units and replacements, in base64.
private func map(_ units: [UInt32], _ replacements: String = "", size: UInt32? = nil) -> String {
  let numbers = [size ?? UInt32(units.count * 4)] + units
  let bytes = numbers.flatMap { number in (0..<4).map { UInt8(number >> (8 * $0) & 0xFF) } }
  return Data(bytes + Array(replacements.utf8)).base64EncodedString()
}

/// 256 units, of which the first one leads to the next ones by `offset`.
private func units(_ first: UInt32, _ others: [Int: UInt32] = [:]) -> [UInt32] {
  (0..<256).map { $0 == 0 ? first : others[$0] ?? 0 }
}

@Suite struct `A broken unigram model` {
  @Test(arguments: [
    (#""unk_id":0,"vocab":[["a",0],["a",-1]]"#, #"model.vocab[1] must be a new piece, and "a""#),
    (#""unk_id":0,"vocab":[["a",1e999]]"#, "model.vocab[0] must be a piece with a finite score"),
    (#""unk_id":0,"vocab":[["a",0],["b"]]"#, "model.vocab[1] must be a piece and its score"),
    (#""unk_id":0,"vocab":[["a","0"]]"#, "model.vocab[0] must be a piece and its score"),
    (#""unk_id":0,"vocab":{}"#, "model.vocab must be an array"),
    (#""unk_id":1,"vocab":[["a",0]]"#, "model.unk_id must be the id of one of the 1 pieces"),
    (#""unk_id":-1,"vocab":[["a",0]]"#, "model.unk_id must be the id of one of the 1 pieces"),
    (#""unk_id":0,"vocab":[]"#, "model.unk_id must be the id of one of the 0 pieces"),
    (#""unk_id":null,"vocab":[["a",0]]"#, "model.unk_id must be an integer"),
  ])
  func `is named by its key`(keys: String, problem: String) throws {
    let found = try sentence(#"{"model":{"type":"Unigram",\#(keys)}}"#)
    #expect(found.contains(problem), "\(found)")
    #expect(found.contains("tokenizer.json"))
  }

  private static let maps: [(blob: String, problem: String)] = [
    ("!", "must be base64"),
    ("AA==", "shorter than its own header"),
    ("", "shorter than its own header"),
    (map([], size: 8), "a trie of 8 bytes in a blob of 4"),
    (map([0, 0], size: 7), "a trie of 7 bytes"),
    (map(units(1 << 20)), "a trie whose unit 0 leads out of it"),
    // Unit 0x61 has a value, which unit 0x62 is, and there are no replacements.
    (map(units(0, [0x61: 3 << 10 | 1 << 8 | 0x61, 0x62: 1 << 31 | 9])), "names no replacement"),
    (
      map(units(0, [0x61: 3 << 10 | 1 << 8 | 0x61, 0x62: 1 << 31 | 1]), "é"), "names no replacement"
    ),
  ]

  @Test(arguments: maps)
  func `map of characters is too`(blob: String, problem: String) throws {
    let found = try sentence(
      """
      {"normalizer":{"type":"Precompiled","precompiled_charsmap":"\(blob)"},
      "model":{"type":"BPE","vocab":{},"merges":[]}}
      """)
    #expect(found.contains("normalizer.precompiled_charsmap"), "\(found)")
    #expect(found.contains(problem), "\(found)")
  }

  @Test func `differs from a sound one by nothing else`() throws {
    let blob = map(units(0, [0x61: 3 << 10 | 1 << 8 | 0x61, 0x62: 1 << 31 | 1]), ".b")
    let tokenizer = try TestFiles.tokenizer(
      """
      {"normalizer":{"type":"Precompiled","precompiled_charsmap":"\(blob)"},
      "model":{"type":"Unigram","unk_id":0,"vocab":[["?",0],["b",-1]]}}
      """)
    #expect(tokenizer.encode("bab").ids == [1, 1, 1])
  }
}
