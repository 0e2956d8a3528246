import Foundation
import LowRank
import LowRankWorkshop

/// A tokenizer as Llama 2 has it, with 32 tokens: `<s>` begins texts, a space begins words, and the emoji 😀 is the bytes 2 to 5.
enum ByteTokenizer {
  /// The tokens; the ids are their places.
  static let tokens =
    ["<end>", "<s>", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>", "▁"]
    + "abcdefghijklmnopqrstuvwx.".map(String.init)

  /// Writes it beside the model of a workshop.
  static func write(_ workshop: Workshop) throws {
    let special = ["<end>", "<s>"].enumerated().map { id, token -> JSONValue in
      [
        "id": .integer(id), "content": .string(token), "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": true,
      ]
    }
    let begin: JSONValue = ["SpecialToken": ["id": "<s>", "type_id": 0]]
    let first: JSONValue = ["Sequence": ["id": "A", "type_id": 0]]
    let second: JSONValue = ["Sequence": ["id": "B", "type_id": 0]]
    let space: JSONValue = ["String": "▁"]
    let json: JSONObject = [
      "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": .array(special),
      "normalizer": [
        "type": "Sequence",
        "normalizers": [
          ["type": "Prepend", "prepend": "▁"],
          ["type": "Replace", "pattern": ["String": " "], "content": "▁"],
        ],
      ],
      "pre_tokenizer": .null,
      "post_processor": [
        "type": "TemplateProcessing", "single": [begin, first], "pair": [begin, first, second],
        "special_tokens": ["<s>": ["id": "<s>", "ids": [1], "tokens": ["<s>"]]],
      ],
      "decoder": [
        "type": "Sequence",
        "decoders": [
          ["type": "Replace", "pattern": space, "content": " "], ["type": "ByteFallback"],
          ["type": "Fuse"], ["type": "Strip", "content": " ", "start": 1, "stop": 0],
        ],
      ],
      "model": [
        "type": "BPE", "dropout": .null, "unk_token": .null, "continuing_subword_prefix": .null,
        "end_of_word_suffix": .null, "fuse_unk": false, "byte_fallback": true,
        "vocab": .object(JSONObject(tokens.enumerated().map { ($1, JSONValue.integer($0)) })),
        "merges": [],
      ],
    ]
    try JSONValue.object(json).write(to: workshop.model.appending(path: "tokenizer.json"))
  }
}
