import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

/// What a file says that is no model we can use, a sentence each.
@Suite struct `A GGUF file that is no usable model` {
  private typealias Case = (key: String, value: GGUFValue?, sentence: String)

  @Test func `is refused for its metadata`() throws {
    let cases: [Case] = [
      (
        "general.architecture", .string("mamba"),
        "the architecture \"mamba\" is not supported in GGUF files; supported are llama, gemma3, qwen2, qwen3, smollm3, phi3"
      ),
      ("general.architecture", nil, "\"general.architecture\" is missing"),
      ("general.type", .string("adapter"), "the file holds an adapter, not a model"),
      ("general.type", .string("mmproj"), "the file holds \"mmproj\", not a model"),
      ("llama.block_count", nil, "\"llama.block_count\" is missing"),
      ("llama.block_count", .unsigned(0), "must be a whole number from 1 to 10000"),
      ("llama.block_count", .unsigned(.max), "must be a whole number from 1 to 10000"),
      ("llama.block_count", .string("two"), "must be a whole number from 1 to 10000"),
      ("llama.block_count", .unsigned(3), "the tensor \"blk.2.attn_q.weight\" is missing"),
      ("llama.block_count", .unsigned(1), "no place for"),
      ("llama.embedding_length", .signed(-1), "\"llama.embedding_length\" must be a whole number"),
      ("llama.attention.head_count", .unsigned(5), "rows for each of 5 heads"),
      (
        "llama.attention.head_count_kv", .array([.unsigned(2), .unsigned(1)]),
        "differs from layer to layer"
      ),
      ("llama.attention.value_length", .unsigned(16), "heads of values have 16 columns"),
      ("llama.rope.dimension_count", .unsigned(16), "16 of 32 columns of a head are rotated"),
      ("llama.attention.layer_norm_rms_epsilon", .float32(.nan), "must be a number"),
      ("llama.expert_count", .unsigned(8), "mixture of experts"),
      ("split.count", .unsigned(70_000), "\"split.count\" must be a number from 1 to 9999"),
      ("llama.embedding_length", .unsigned(32), "has shape"),
    ]
    for (key, value, sentence) in cases {
      try GGUFFixture.llama.changed([(key, value)]) { url in
        let text = message { try Model(from: url, precision: .float32, engine: CPUEngine()) }
        #expect(text.contains(sentence) && text.contains("llama.gguf"), "\(key): \(text)")
      }
    }
  }

  @Test func `is refused for a kind of rotary positions that is not implemented`() throws {
    try GGUFFixture(name: "llama-biases").changed([("llama.rope.scaling.type", .string("yarn"))]) {
      url in
      let text = message { try Model(from: url, precision: .float32, engine: CPUEngine()) }
      #expect(text.contains("\"rope_type\" is \"yarn\""), "\(text)")
    }
  }

  @Test func `is refused for its tensors`() throws {
    func says(
      _ sentence: String, of fixture: GGUFFixture,
      _ change: @escaping ([StoredTensor]) -> [TensorSource]
    )
      throws
    {
      try fixture.changed(tensors: change) { url in
        let text = message { try Model(from: url, precision: .float32, engine: CPUEngine()) }
        #expect(text.contains(sentence), "\(text)")
      }
    }
    try says("the tensor \"blk.1.ffn_up.weight\" is missing", of: .llama) { tensors in
      tensors.filter { $0.name != "blk.1.ffn_up.weight" }.map { TensorSource($0) }
    }
    try says("the tensor \"blk.0.ssm_a.weight\" is no part of the architecture llama", of: .llama) {
      $0.map { TensorSource($0) } + [TensorSource("blk.0.ssm_a.weight", [1], floats: [1])]
    }
    try says("is stored as F16, expected F32", of: .gemma) { tensors in
      tensors.map { tensor in
        tensor.name == "output_norm.weight"
          ? TensorSource(
            tensor.name, tensor.shape, floats: [Float](repeating: 2, count: 32), as: .float16)
          : TensorSource(tensor)
      }
    }
    try says("\"rope_freqs.weight\" has 3 numbers, expected one for each of 16", of: .llama) {
      $0.map { tensor in
        tensor.name == "rope_freqs.weight"
          ? TensorSource(tensor.name, [3], floats: [1, 2, 3]) : TensorSource(tensor)
      }
    }
    try says("not greater than 0", of: .llama) {
      $0.map { tensor in
        tensor.name == "rope_freqs.weight"
          ? TensorSource(tensor.name, [16], floats: [Float](repeating: 0, count: 16))
          : TensorSource(tensor)
      }
    }
  }

  @Test func `is refused for its vocabulary where that is used`() throws {
    let cases: [Case] = [
      ("tokenizer.ggml.model", nil, "\"tokenizer.ggml.model\" is missing"),
      ("tokenizer.ggml.model", .string("rwkv"), "rwkv"),
      ("tokenizer.ggml.tokens", .array([]), "\"tokenizer.ggml.tokens\" is missing or empty"),
      ("tokenizer.ggml.tokens", .array([.unsigned(1)]), "must be a list of texts"),
      ("tokenizer.ggml.scores", .string("none"), "must be a list of numbers"),
      ("tokenizer.ggml.bos_token_id", .string("<s>"), "must be the id of a token"),
      ("tokenizer.ggml.add_bos_token", .unsigned(1), "must be true or false"),
    ]
    for (key, value, sentence) in cases {
      try GGUFFixture.llama.changed([(key, value)]) { url in
        let text = message {
          try Model(from: url, precision: .float32, engine: CPUEngine()).tokenizer
        }
        #expect(text.contains(sentence) && text.contains("llama.gguf"), "\(key): \(text)")
      }
    }
    try GGUFFixture.llama.changed([("tokenizer.chat_template.x", .unsigned(1))]) { url in
      let text = message { try ModelTexts(at: url).json("tokenizer_config.json") }
      #expect(text.contains("\"tokenizer.chat_template.x\" must be a text"), "\(text)")
    }
  }

  @Test func `is named where its folder is given`() throws {
    try GGUFFixture.llama.changed { url in
      let text = message { try ModelFolder(at: url.deletingLastPathComponent()) }
      #expect(text.contains("give the file, such as") && text.hasSuffix("llama.gguf"), "\(text)")
    }
  }
}
