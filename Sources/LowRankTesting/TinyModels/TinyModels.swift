import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// Models of a few thousand random numbers in which every number matters: no norm is 1 and no bias 0.
public enum TinyModels {
  /// A GPT-2: fused queries, keys and values stored inputs first, biases, a tied head.
  ///
  /// - Throws: what reading a configuration with these changes throws.
  public static func gpt2(
    on engine: any Engine, changing changes: JSONObject = [:], seed: UInt64 = 0
  ) throws -> Model {
    try model(
      [
        "model_type": "gpt2", "vocab_size": 11, "n_positions": 16, "n_embd": 8, "n_layer": 2,
        "n_head": 2, "n_inner": 12, "embd_pdrop": 0, "resid_pdrop": 0, "attn_pdrop": 0,
        "initializer_range": 0.4,
      ], changes, engine, seed)
  }

  /// A Llama: rotary positions, grouped queries, a gated feed-forward network, biases, a head of its own.
  ///
  /// - Throws: what reading a configuration with these changes throws.
  public static func llama(
    on engine: any Engine, changing changes: JSONObject = [:], seed: UInt64 = 0
  ) throws -> Model {
    try model(
      [
        "model_type": "llama", "vocab_size": 11, "max_position_embeddings": 16, "hidden_size": 8,
        "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2,
        "num_key_value_heads": 1, "attention_bias": true, "mlp_bias": true,
        "initializer_range": 0.4,
      ], changes, engine, seed)
  }

  private static func model(
    _ base: JSONObject, _ changes: JSONObject, _ engine: any Engine, _ seed: UInt64
  ) throws -> Model {
    var config = base
    for (key, value) in changes.entries { config[key] = value }
    var model = try Model(
      random: JSONFile(config, at: URL(filePath: "config.json")), seed: seed, precision: .float32,
      engine: engine)
    var random = Philox(key: seed, stream: 1)
    for parameter in model.architecture.parameters {
      let mean: Float = parameter.role == .norm ? 1 : 0
      guard parameter.role == .norm || parameter.role == .bias else { continue }
      let numbers = (0..<parameter.shape.count).map { _ in mean + 0.3 * Float(random.normal()) }
      model.store[parameter] = engine.tensor(numbers, parameter.shape, type: .float32)
    }
    return model
  }
}
