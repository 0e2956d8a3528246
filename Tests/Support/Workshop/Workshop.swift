import Foundation
import LowRank
import LowRankTesting

/// A folder with a tiny model, its tokenizer and data, made for one test.
package final class Workshop: Sendable {
  package let root = FileManager.default.temporaryDirectory.appending(
    path: "lowrank-workshop-\(UUID())")

  /// Makes a small Llama with a tokenizer of single characters, and rows of words.
  package init() throws {
    let config: JSONObject = [
      "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 16,
      "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
      "num_key_value_heads": 1, "vocab_size": 32, "max_position_embeddings": 32,
      "rms_norm_eps": 1e-5, "tie_word_embeddings": false, "initializer_range": 0.3,
      "eos_token_id": 0,
    ]
    let model = try Model(
      random: JSONFile(config, at: root), seed: 3, precision: .float32, engine: CPUEngine())
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    try model.save(to: self.model)
    try JSONValue.object(Self.tokenizer).write(to: self.model.appending(path: "tokenizer.json"))
    try write(rows: 40, to: "train.jsonl")
    try write(rows: 6, to: "valid.jsonl")
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  package var model: URL { root.appending(path: "model") }
  package var data: URL { root.appending(path: "data") }
  package func place(_ name: String) -> URL { root.appending(path: name) }

  private func write(rows: Int, to name: String) throws {
    var random = Philox(key: UInt64(rows))
    let letters = Array("abcdefghijklmnopqrstuvwxyz")
    let lines = (0..<rows).map { _ in
      let word = (0..<8).map { _ in String(letters[random.integer(below: 26)]) }.joined()
      return "{\"text\": \"\(word)\"}\n"
    }
    try lines.joined().write(
      to: data.appending(path: name), atomically: true, encoding: .utf8)
  }

  private static var tokenizer: JSONObject {
    let tokens = ["<end>"] + "abcdefghijklmnopqrstuvwxyz .,:!".map(String.init)
    return [
      "version": "1.0", "truncation": .null, "padding": .null,
      "added_tokens": [
        [
          "id": 0, "content": "<end>", "single_word": false, "lstrip": false, "rstrip": false,
          "normalized": false, "special": true,
        ]
      ],
      "normalizer": .null, "pre_tokenizer": .null, "post_processor": .null,
      "decoder": ["type": "Fuse"],
      "model": [
        "type": "BPE", "dropout": .null, "unk_token": .null, "continuing_subword_prefix": .null,
        "end_of_word_suffix": .null, "fuse_unk": false, "byte_fallback": false,
        "vocab": .object(JSONObject(tokens.enumerated().map { ($1, JSONValue.integer($0)) })),
        "merges": [],
      ],
    ]
  }
}
