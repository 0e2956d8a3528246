import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import Testing

@Suite struct `Formats that have no place for an adapter, or hold a broken one` {
  private func stored(_ name: String) throws -> (StoredAdapter, URL) {
    let fixture = AdapterFixture(name: name)
    return (try StoredAdapter(at: fixture.folder), try fixture.baseFolder)
  }

  private func draft(_ adapter: StoredAdapter) -> EditableAdapter {
    EditableAdapter(adapter, replacing: adapter.modules.map { .init($0) })
  }

  @Test(arguments: [
    ("llama2-dora-embedding", "DoRA's magnitudes"), ("qwen2-dora", "DoRA's magnitudes"),
    ("gpt2-bias-all", "llama.cpp cannot hold the trained bias transformer."),
    ("gpt2-save-head", "llama.cpp cannot hold the trained head lm_head.weight"),
    ("gpt2-embedding", "wte"), ("smollm-embedding", "embed_tokens"),
    ("llama2-tokens", "the trained tokens model.embed_tokens.token_adapter.trainable_tokens_delta"),
    ("llama2-other-embeddings", "the trained head lm_head.weight"),
  ]) func `of llama.cpp are refused by name`(name: String, sentence: String) throws {
    try withTemporaryFolder { folder in
      let (adapter, model) = try stored(name)
      let file = folder.appending(path: "a.gguf")
      let said = message { try draft(adapter).writeGGUF(to: file, model: model) }
      #expect(said.contains("llama.cpp cannot hold") && said.contains(sentence), "\(said)")
    }
  }

  @Test(arguments: [
    ("llama2-dora-embedding", "embed_tokens"), ("smollm-embedding", "embed_tokens"),
    ("gpt2-bias-all", "the trained bias"), ("llama2-save-norm", "the trained tensor model."),
    ("smollm-tokens", "the trained tokens model."),
    ("llama2-other-embeddings", "the trained head lm_head.weight"),
  ]) func `of mlx-lm are refused by name`(name: String, sentence: String) throws {
    try withTemporaryFolder { folder in
      let (adapter, _) = try stored(name)
      let said = message { try draft(adapter).write(as: .mlx, into: folder) }
      #expect(said.contains("mlx-lm cannot hold") && said.contains(sentence), "\(said)")
    }
  }

  @Test func `of llama.cpp are refused beside a model of another kind`() throws {
    try withTemporaryFolder { folder in
      let (adapter, _) = try stored("gpt2-default")
      let (head, model) = try stored("llama2-head")
      let file = folder.appending(path: "a.gguf")
      let said = message { try draft(adapter).writeGGUF(to: file, model: model) }
      #expect(said.contains("cannot hold an update of transformer.h.0.attn.c_attn"))
      // The head may have an update of its own only where it has a weight of its own.
      var headAlone = draft(head)
      #expect(
        message { try headAlone.writeGGUF(to: file, model: model) }
          .contains("cannot hold a copy of the base's weight, base_model.model.lm_head.base_layer"))
      try headAlone.forgetCopies(of: model)
      #expect(headAlone.others.isEmpty)
      try headAlone.writeGGUF(to: file, model: model)
      let tied = folder.appending(path: "tied")
      try FileManager.default.createDirectory(at: tied, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: model.appending(path: "config.json"), to: tied.appending(path: "config.json"))
      try change(tied.appending(path: "config.json"), [("tie_word_embeddings", true)])
      #expect(
        message { try headAlone.writeGGUF(to: file, model: tied) }
          .contains("lm_head alone, which shares its weight"))
      try change(tied.appending(path: "config.json"), [("model_type", "bert")])
      #expect(
        message { try headAlone.writeGGUF(to: file, model: tied) }
          .contains("the architecture \"bert\", for which llama.cpp has no adapters"))
      try change(
        tied.appending(path: "config.json"),
        [("model_type", "llama"), ("num_attention_heads", 5), ("tie_word_embeddings", false)])
      #expect(
        message { try headAlone.writeGGUF(to: file, model: tied) }.contains("each of 5 heads"))
    }
  }

  @Test func `can hold what PEFT stored copies of the base's weights beside`() throws {
    try withTemporaryFolder { folder in
      let (adapter, model) = try stored("llama2-copies")
      var draft = draft(adapter)
      #expect(draft.others.count == 2)
      try draft.forgetCopies(of: model)
      #expect(draft.others.isEmpty)
      try draft.write(as: .mlx, into: folder)
      var other = self.draft(try stored("llama2-other-embeddings").0)
      try other.forgetCopies(of: model)
      #expect(other.others.count == 2)
      // A module to save has to be there for PEFT, whatever it holds.
      var saved = self.draft(adapter)
      saved.config["modules_to_save"] = ["lm_head"]
      try saved.forgetCopies(of: model)
      #expect(saved.others.map(\.name) == ["base_model.model.lm_head.weight"])
    }
  }

  @Test func `keep a weight that is not the base's own`() throws {
    try withTemporaryFolder { folder in
      let (head, _) = try stored("llama2-head")
      // Another model of the same shapes.
      let other = try AdapterFixture(name: "llama-biases-all").baseFolder
      var draft = draft(head)
      try draft.forgetCopies(of: other)
      #expect(draft.others.map(\.name) == ["base_model.model.lm_head.base_layer.weight"])
    }
  }

  /// A GGUF adapter with one module, changed in one way.
  private func gguf(
    _ folder: URL, architecture: String = "llama", metadata: [(String, GGUFValue)]? = nil,
    name: String = "blk.0.attn_q.weight", down: Shape = [2, 4], up: Shape = [4, 2],
    more: [String] = [], packed: Bool = false
  ) throws -> URL {
    let url = folder.appending(path: "made.gguf")
    func tensor(_ name: String, _ shape: Shape) -> TensorSource {
      TensorSource(
        TensorName(name), shape, floats: (0..<shape.count).map { Float($0) })
    }
    try GGUFFile.write(
      [tensor(name + ".lora_a", down), tensor(name + ".lora_b", up)] + more.map { tensor($0, [4]) }
        + (packed
          ? [TensorSource("q", .q8_0, [1, 32], bytes: Array(repeating: 0, count: 34))] : []),
      metadata: metadata ?? [
        ("general.type", .string("adapter")), ("adapter.type", .string("lora")),
        ("general.architecture", .string(architecture)), ("adapter.lora.alpha", .float32(4)),
      ], to: url)
    return url
  }

  @Test func `of llama.cpp are told apart when read`() throws {
    try withTemporaryFolder { folder in
      let read = { (url: URL) in message { try StoredAdapter(at: url) } }
      #expect(try read(gguf(folder)).contains("the file does not give their number"))
      #expect(try read(gguf(folder)).contains("give the folder of the base with model"))
      #expect(try read(gguf(folder, name: "blk.0.attn_v.weight")).isEmpty)
      #expect(try read(gguf(folder, architecture: "qwen2")).isEmpty)
      #expect(
        try read(gguf(folder, architecture: "falcon")).contains("is \"falcon\", which is not"))
      #expect(
        try read(gguf(folder, metadata: []))
          .hasSuffix("holds no adapter: \"general.type\" is missing, expected \"adapter\""))
      for metadata in [[("general.type", GGUFValue.string("model"))], []] {
        #expect(
          try read(
            gguf(folder, metadata: metadata + [("general.architecture", .string("llama"))])
          ).contains("the file holds a model, not an adapter: give it as model"))
      }
      let lokr: [(String, GGUFValue)] = [
        ("general.type", .string("adapter")), ("adapter.type", .string("lokr")),
      ]
      #expect(
        try read(gguf(folder, metadata: lokr))
          .contains("not one of low rank: \"adapter.type\" is \"lokr\", expected \"lora\""))
      #expect(try read(gguf(folder, packed: true)).contains("is stored as Q8_0: expected F32"))
      for name in [
        "blk.0.attn_x.weight", "blk.01.attn_v.weight", "blk.+1.attn_v.weight", "token_embd.weight",
        "attn_v.weight", "blk.0.attn_v",
      ] {
        #expect(
          try read(gguf(folder, name: name)).contains("no adapted module: \(name)"), "\(name)")
      }
      #expect(
        try read(gguf(folder, architecture: "qwen2", up: [4, 3])).contains(
          "lora_b has shape [4, 3]"))
      #expect(
        try read(gguf(folder, architecture: "qwen2", down: [8])).contains("lora_b has shape"))
      #expect(
        try read(gguf(folder, architecture: "qwen2", more: ["blk.0.attn_norm.weight"]))
          .contains("no adapted module: blk.0.attn_norm.weight"))
      let invocation: [(String, GGUFValue)] = [
        ("general.type", .string("adapter")), ("adapter.type", .string("lora")),
        ("general.architecture", .string("qwen2")),
        ("adapter.alora.invocation_tokens", .array([.unsigned(1)])),
      ]
      #expect(try read(gguf(folder, metadata: invocation)).contains("alora.invocation_tokens"))
      // Without alpha the scale is 1, as with alpha 0.
      let plain = try StoredAdapter(at: gguf(folder, metadata: Array(invocation.prefix(3))))
      #expect(plain.modules[0].scale == 1)
      #expect(try StoredAdapter(at: gguf(folder, architecture: "qwen2")).modules[0].scale == 2)
      let model = try AdapterFixture(name: "qwen2-dora").baseFolder
      #expect(
        message { try StoredAdapter(at: gguf(folder), model: model) }
          .contains("is \"llama\", expected \"qwen2\""))
      let other = folder.appending(path: "x.safetensors")
      try Data("hello".utf8).write(to: other)
      #expect(read(other).contains("does not begin with the letters GGUF"))
    }
  }

  @Test func `of mlx-lm are told apart when read`() throws {
    try withTemporaryFolder { folder in
      let (adapter, _) = try stored("qwen2-dora")
      try draft(adapter).write(as: .mlx, into: folder)
      let config = folder.appending(path: "adapter_config.json")
      let original = try JSONFile(at: config).object
      func says(_ sentence: String, _ entries: [(String, JSONValue?)]) throws {
        try JSONValue.object(original).write(to: config)
        try change(config, entries)
        let said = message { try StoredAdapter(at: folder) }
        #expect(said.contains(sentence), "\(said)")
      }
      let file = folder.appending(path: "adapters.safetensors")
      let whole = try Data(contentsOf: file)
      for table in ["model.embed_tokens", "model.wte"] {
        try SafetensorsFile.write(
          [
            TensorSource(
              TensorName(table + ".lora_a"), [9, 4], floats: Array(repeating: 1, count: 36)),
            TensorSource(
              TensorName(table + ".lora_b"), [4, 2], floats: Array(repeating: 1, count: 8)),
          ], to: file)
        try says("cannot hold mlx-lm's update of \(table)", [("fine_tune_type", "lora")])
      }
      try whole.write(to: file)
      try says("\"fine_tune_type\" is \"full\"", [("fine_tune_type", "full")])
      try says("lora_parameters\" must be an object", [("lora_parameters", nil)])
      try says("\"lora_parameters.scale\" must be", [("lora_parameters", ["rank": 4])])
      try says(
        "has shape [16, 4], expected [inputs, 3]",
        [("lora_parameters", ["rank": 3, "scale": 1.5])])
      try says("belongs to no adapted module", [("fine_tune_type", "lora")])
      try JSONValue.object(original).write(to: config)
      try FileManager.default.copyItem(
        at: folder.appending(path: "adapters.safetensors"),
        to: folder.appending(path: "adapter_model.safetensors"))
      #expect(
        message { try StoredAdapter(at: folder) }
          .contains("adapter_model.safetensors and adapters.safetensors, of two formats"))
      #expect(message { try StoredAdapter(at: folder, as: .mlx) }.isEmpty)
    }
  }
}
