import Foundation
import LowRankTokenizers
import Testing

/// The sentence that is said of a folder with these files.
private func sentence(_ files: [String: Data]) throws -> String {
  try TestFiles.withFolder([:]) { folder in
    for (name, data) in files { try data.write(to: folder.appendingPathComponent(name)) }
    let error = #expect(throws: TokenizerError.self) { try Tokenizer(folder: folder) }
    return try #require(error).description
  }
}

/// A field of a protocol buffer that holds some bytes.
private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
  [number << 3 | 2, UInt8(bytes.count)] + bytes
}

/// A piece of a SentencePiece model.
private func piece(_ text: String, _ score: Float) -> [UInt8] {
  let bits = (0..<4).map { UInt8(score.bitPattern >> (8 * UInt32($0)) & 0xFF) }
  return field(1, field(1, Array(text.utf8)) + [2 << 3 | 5] + bits)
}

@Suite struct `A model folder without a tokenizer.json` {
  private static let models: [(model: [UInt8], problem: String)] = [
    (Array(piece("a", -1).dropLast()), "as a protocol buffer"),
    ([0xFF, 0xFF, 0xFF], "as a protocol buffer"),
    ([], "pieces must not be empty"),
    (piece("a", 0) + piece("a", 0), #"pieces[1] must be a new piece, and "a" is there already"#),
    (piece("a", .nan), "pieces[0] must be a piece with a finite score"),
    // The training specification names the unknown piece's id in its field 40.
    (
      piece("a", 0) + field(2, [0xC0, 0x02, 0x07]),
      "trainer_spec.unk_id must be the id of one of the 1 pieces"
    ),
    // And in its field 3 the algorithm.
    (piece("a", 0) + field(2, [0x18, 0x02]), "SentencePiece's model type BPE"),
  ]

  @Test(arguments: models)
  func `names what is wrong in spm.model`(model: [UInt8], problem: String) throws {
    let found = try sentence(["spm.model": Data(model)])
    #expect(found.contains(problem), "\(found)")
    #expect(found.contains("spm.model"))
  }

  @Test func `names a link that leads nowhere, and a folder in a file's place`() throws {
    for name in [
      "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json", "config.json",
    ] {
      try TestFiles.withFolder([:]) { folder in
        try Data("[UNK]\na\n".utf8).write(to: folder.appendingPathComponent("vocab.txt"))
        let file = folder.appendingPathComponent(name)
        func problem() throws -> String {
          let error = #expect(throws: TokenizerError.self, "\(name)") {
            try Tokenizer(folder: folder)
          }
          return try #require(error).description
        }
        try FileManager.default.createSymbolicLink(
          atPath: file.path, withDestinationPath: "nowhere")
        #expect(
          try problem()
            == "\(file.relativePath) cannot be read: it is a link to something that does not exist")
        try FileManager.default.removeItem(at: file)
        try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        #expect(try problem() == "\(file.relativePath) cannot be read: it is a folder")
      }
    }
  }

  @Test(arguments: [
    (#"{"pad_token": 5}"#, "pad_token must be a token, or an object that describes one"),
    (#"{"additional_special_tokens": "x"}"#, "additional_special_tokens must be a list of tokens"),
  ])
  func `names an odd value in special_tokens_map.json`(map: String, problem: String) throws {
    let tokenizer = #"""
      {"version": "1.0", "added_tokens": [], "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}
      """#
    let found = try sentence([
      "tokenizer.json": Data(tokenizer.utf8), "special_tokens_map.json": Data(map.utf8),
    ])
    #expect(found.contains(problem) && found.contains("special_tokens_map.json"), "\(found)")
  }

  @Test func `names a broken map in sentencepiece.bpe.model`() throws {
    let model = piece("a", 0) + field(3, field(2, [1, 2]))
    let found = try sentence(["sentencepiece.bpe.model": Data(model)])
    #expect(found.contains("normalizer_spec.precompiled_charsmap"), "\(found)")
  }

  @Test(arguments: [
    ("[UNK]\na\n\n \na\n", #"line 5 has "a" a second time"#), ("a\n", #"unk_token "[UNK]""#),
  ])
  func `names what is wrong in vocab.txt`(lines: String, problem: String) throws {
    let found = try sentence(["vocab.txt": Data(lines.utf8)])
    #expect(found.contains(problem), "\(found)")
    #expect(found.contains("vocab.txt"))
  }

  @Test(arguments: [
    (#"{"mask_token":7}"#, "mask_token must be a token, or an object that describes one"),
    (#"{"added_tokens_decoder":{"x":"a"}}"#, "added_tokens_decoder must be an object whose keys"),
    (#"{"added_tokens_decoder":[]}"#, "added_tokens_decoder must be an object"),
    (#"{"extra_special_tokens":{"a":"b"}}"#, "special tokens of other names"),
    (#"{"tokenizer_class":"LukeTokenizer"}"#, "class LukeTokenizer without a tokenizer.json"),
    (#"{"tokenizer_class":"RobertaTokenizerFast"}"#, "has no tokenizer"),
    (#"{"do_lower_case":"yes"}"#, "do_lower_case must be true or false"),
  ])
  func `names what is wrong in tokenizer_config.json`(config: String, problem: String) throws {
    let found = try sentence([
      "vocab.txt": Data("[UNK]\na\n".utf8), "tokenizer_config.json": Data(config.utf8),
    ])
    #expect(found.contains(problem), "\(found)")
  }

  @Test func `of another model is refused by name`() throws {
    let found = try sentence([
      "vocab.txt": Data("[UNK]\na\n".utf8), "config.json": Data(#"{"model_type":"luke"}"#.utf8),
    ])
    #expect(found.contains("the model type luke without a tokenizer.json"), "\(found)")
  }
}
