import Foundation
import LowRankTokenizers
import Testing

/// Folders of which transformers 5.23 said what its AutoTokenizer makes of them; Oracles/tokenizers_companions.py wrote
/// the file, or one of `LOWRANK_COMPANION_ORACLE`.
@Suite struct `Tokens of the files beside tokenizer.json` {
  @Test func `have the ids, flags and texts that transformers gives them`() throws {
    let recorded = ProcessInfo.processInfo.environment["LOWRANK_COMPANION_ORACLE"]
    let file =
      try recorded.map { URL(fileURLWithPath: $0) }
      ?? TestFiles.fixture("companions/cases.json")
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    let cases = try #require((json as? [String: Any])?["cases"] as? [[String: Any]])
    #expect(cases.count >= 40)
    for (number, entry) in cases.enumerated() {
      try check(entry, "case \(number)")
    }
  }

  private func check(_ entry: [String: Any], _ name: Comment) throws {
    try TestFiles.withFolder(try #require(entry["files"] as? [String: String])) { folder in
      let tokenizer = try Tokenizer(folder: folder)
      let expected = try #require(entry["added"] as? [[Any]])
      let found = tokenizer.addedTokens.sorted { $0.id < $1.id }
      #expect(found.map(\.content) == expected.map { $0[1] as? String ?? "" }, name)
      #expect(found.map { Int($0.id) } == expected.map { $0[0] as? Int ?? -1 }, name)
      for (token, values) in zip(found, expected) {
        let flags = [
          token.isSingleWord, token.stripsLeft, token.stripsRight, token.isNormalized,
        ]
        #expect(flags == values.dropFirst(2).map { $0 as? Bool ?? false }, name)
      }
      for text in try #require(entry["texts"] as? [[String: Any]]) {
        let encoding = tokenizer.encode(try #require(text["text"] as? String))
        #expect(encoding.ids.map { Int($0) } == text["ids"] as? [Int], name)
        #expect(tokenizer.decode(encoding.ids) == text["decoded"] as? String, name)
      }
    }
  }

  @Test func `are not read where the file alone is opened`() throws {
    let files = [
      "tokenizer.json":
        #"{"version":"1.0","added_tokens":[],"model":{"type":"BPE","vocab":{"<":0,"x":1,">":2},"merges":[]}}"#,
      "tokenizer_config.json": #"{"additional_special_tokens":["<x>"]}"#,
    ]
    try TestFiles.withFolder(files) { folder in
      let (whole, alone) = (
        try Tokenizer(folder: folder),
        try Tokenizer(file: folder.appendingPathComponent("tokenizer.json"))
      )
      #expect(whole.encode("<x>").ids == [3])
      #expect(alone.encode("<x>").ids == [0, 1, 2])
    }
  }

  @Test func `that are broken are refused by the file`() throws {
    let files = [
      "tokenizer.json":
        #"{"version":"1.0","added_tokens":[],"model":{"type":"BPE","vocab":{"x":0},"merges":[]}}"#,
      "added_tokens.json": #"{"<x>":"one"}"#,
    ]
    try TestFiles.withFolder(files) { folder in
      let error = #expect(throws: TokenizerError.self) { try Tokenizer(folder: folder) }
      #expect(error?.description.contains("added_tokens.json") == true)
    }
  }

  /// PyPI tokenizers 0.23.3 decodes them so.
  @Test(arguments: [
    (#"{"type":"Lowercase"}"#, "<X>", "<x>a"), (#"{"type":"Lowercase"}"#, "<x>", "a"),
    ("null", "<X>", "a"),
  ])
  func `are written as the last token that normalizing changed under their id`(
    normalizer: String, first: String, text: String
  ) throws {
    let tokenizer = try TestFiles.tokenizer(
      """
      {"version":"1.0","normalizer":\(normalizer),"decoder":{"type":"Fuse"},"added_tokens":[
        {"id":9,"content":"\(first)","special":true,"normalized":true},
        {"id":9,"content":"b","special":true,"normalized":false}],
      "model":{"type":"BPE","vocab":{"a":0,"b":2},"merges":[]}}
      """)
    #expect(tokenizer.encode("ba").ids == [2, 0])
    #expect(tokenizer.decode([2, 0]) == text)
  }

  /// PyPI tokenizers 0.23.3 gives these ids.
  @Test func `have ids of their own whatever a file declares`() throws {
    let tokenizer = try TestFiles.tokenizer(
      """
      {"version":"1.0","added_tokens":[
        {"id":50,"content":"<x>","special":true,"normalized":false},
        {"id":7,"content":"c","special":true,"normalized":false},
        {"id":41,"content":"<y>","special":true,"normalized":false}],
      "model":{"type":"BPE","vocab":{"a":0,"b":2,"c":40},"merges":[]}}
      """)
    #expect(tokenizer.encode("<x>c<y>a").ids == [3, 40, 4, 0])
    #expect(tokenizer.vocabularySize == 5)
  }
}
