import LowRank

/// A tokenizer for the demo's corpora: byte-pair encoding whose merges spell each word from its beginning.
///
/// It is an ordinary `tokenizer.json`; other text falls into letters.
enum DemoTokenizer {
  /// The token that ends a text.
  static let end = "<end>"

  /// The content of `tokenizer.json`.
  static var json: JSONObject {
    var vocabulary: [String] = [end]
    var seen: Set<String> = [end]
    var merges: [JSONValue] = []
    func add(_ token: String) -> Bool {
      guard seen.insert(token).inserted else { return false }
      vocabulary.append(token)
      return true
    }
    // Byte-level tokenizers write a space as Ġ; every printable ASCII character is a token of its own.
    for byte in UInt8(33)..<127 { _ = add(String(Unicode.Scalar(byte))) }
    _ = add("Ġ")
    for word in DemoCorpus.words.flatMap({ [$0, "Ġ" + $0] }) {
      var prefix = String(word.prefix(1))
      for letter in word.dropFirst() {
        if add(prefix + String(letter)) {
          merges.append(.array([.string(prefix), .string(String(letter))]))
        }
        prefix.append(letter)
      }
    }
    return [
      "version": "1.0", "truncation": .null, "padding": .null,
      "added_tokens": [
        [
          "id": 0, "content": .string(end), "single_word": false, "lstrip": false,
          "rstrip": false, "normalized": false, "special": true,
        ]
      ],
      "normalizer": .null,
      "pre_tokenizer": [
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
      ],
      "post_processor": .null, "decoder": ["type": "ByteLevel"],
      "model": [
        "type": "BPE", "dropout": .null, "unk_token": .null, "continuing_subword_prefix": .null,
        "end_of_word_suffix": .null, "fuse_unk": false, "byte_fallback": false,
        "vocab": .object(
          JSONObject(vocabulary.enumerated().map { ($1, JSONValue.integer($0)) })),
        "merges": .array(merges),
      ],
    ]
  }

  /// The number of tokens.
  static var count: Int { json["model"]?.object?["vocab"]?.object?.count ?? 0 }
}
