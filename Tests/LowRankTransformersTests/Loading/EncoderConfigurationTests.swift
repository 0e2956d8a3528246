import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

@Suite struct `An encoder's configuration` {
  @Test(
    arguments: [
      ("deberta", "talking_head", JSONValue.bool(true), "false"),
      ("deberta-v2", "conv_groups", 2, "1"),
      ("deberta-v2", "conv_kernel_size", 4, "an odd number, or 0"),
      ("deberta-v2", "attention_head_size", 3, "hidden_size / num_attention_heads, 8"),
      ("bert", "position_embedding_type", "relative_key", "\"absolute\""),
      ("bert", "is_decoder", true, "false: it is read as an encoder"),
      ("bert", "num_attention_heads", 3, "a multiple of num_attention_heads, 3"),
      ("modernbert", "classifier_pooling", "last", "cls or mean"),
      ("modernbert", "layer_types", ["full_attention"], "2 layers"),
    ] as [(String, String, JSONValue, String)])
  func `with a value that is not built is refused by its key`(
    kind: String, key: String, value: JSONValue, expected: String
  ) {
    let config = file(kind, [key: value])
    let error = #expect(throws: ModelError.self) {
      _ = try Architectures.described(by: config)
    }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
  }

  @Test func `says which class a folder is read as`() throws {
    let bare = file("bert", [:])
    #expect(try Architectures.described(by: bare).className == "BertModel")
    let named = file("bert", ["architectures": ["BertForSequenceClassification"]])
    #expect(try Architectures.described(by: named).className == "BertForSequenceClassification")
    #expect(throws: ModelError.notCausal(file: bare.source, name: "bert")) {
      _ = try Model(random: bare, as: .causal, engine: CPUEngine())
    }
  }

  @Test func `gives a head as many outputs as there are labels`() throws {
    let three = Classification(labels: ["a", "b", "c"], problem: .singleLabel)
    for kind in ["bert", "roberta", "deberta", "deberta-v2", "modernbert", "distilbert"] {
      let model = try Model(
        random: file(kind, [:]), as: .classifier(three), precision: .float32, engine: CPUEngine())
      #expect(model.logits([1, 2, 3]).shape == [1, 3])
      #expect(try Classification(model.config) == three)
    }
  }

  private func file(_ kind: String, _ changes: JSONObject) -> JSONFile {
    var config: JSONObject = [
      "model_type": .string(kind), "vocab_size": 12, "hidden_size": 16, "intermediate_size": 24,
      "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 20,
      "pad_token_id": 1, "dim": 16, "hidden_dim": 24, "n_layers": 2, "n_heads": 2,
      "relative_attention": true, "pos_att_type": ["c2p", "p2c"],
    ]
    for (key, value) in changes.entries { config[key] = value }
    return JSONFile(config, at: URL(filePath: "config.json"))
  }
}
