import Foundation
import LowRank

/// The small Llama of the demo.
enum DemoModel {
  /// The content of its `config.json`.
  static var config: JSONObject {
    [
      "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 128,
      "intermediate_size": 352, "num_hidden_layers": 4, "num_attention_heads": 4,
      "num_key_value_heads": 2, "vocab_size": .integer(DemoTokenizer.count),
      "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
      "hidden_act": "silu", "tie_word_embeddings": true, "attention_bias": false,
      "mlp_bias": false, "bos_token_id": .null, "eos_token_id": 0, "torch_dtype": "float32",
    ]
  }

  /// Writes tokenizer.json and tokenizer_config.json.
  static func writeTokenizer(into folder: URL) throws {
    try JSONValue.object(DemoTokenizer.json).write(to: folder.appending(path: "tokenizer.json"))
    let settings: JSONObject = [
      "tokenizer_class": "PreTrainedTokenizerFast", "eos_token": .string(DemoTokenizer.end),
      "model_max_length": 128,
    ]
    try JSONValue.object(settings).write(to: folder.appending(path: "tokenizer_config.json"))
  }
}
