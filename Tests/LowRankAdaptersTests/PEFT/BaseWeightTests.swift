import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers
import Testing

/// Tensors under the base's own names; that their numbers are PEFT's is a matter of the fixtures.
@Suite struct `A tensor with a name of the base` {
  @Test(arguments: ["llama2-other-embeddings", "smollm-other-embeddings", "llama2-other-norm"])
  func `takes the place of the base's, untrained, and is said`(_ name: String) throws {
    let adapter = try AdapterFixture(name: name).adapter()
    let note = try #require(adapter.loading?.notes.first)
    #expect(note.contains("replace"), "\(note)")
    #expect(!adapter.replacements.isEmpty)
    #expect(Set(adapter.trainable).isDisjoint(with: adapter.replacements.values))
  }

  @Test func `that is a copy is left aside, and is said`() throws {
    let adapter = try AdapterFixture(name: "llama2-copies").adapter()
    #expect(adapter.replacements.isEmpty)
    #expect(
      adapter.loading?.notes == [
        "model.embed_tokens.weight, lm_head.weight equal the base's tensors and are not kept"
      ])
  }

  @Test func `is shared by a tied head, which stays tied when it is merged`() throws {
    let fixture = AdapterFixture(name: "smollm-other-embeddings")
    let adapter = try fixture.adapter()
    #expect(Set(adapter.replacements.values).count == 1)
    #expect(
      Set(adapter.replacements.keys) == ["model.embed_tokens.weight", "lm_head.weight"])
    try withoutFactors(of: fixture, "embed_tokens") { folder in
      let changed = try Adapter(from: folder, on: adapter.base)
      let merged = try adapter.base.merging(changed)
      #expect(merged.causal.isHeadTied)
      #expect(
        merged.engine.floats(merged.store[merged.causal.head.weight])
          != adapter.base.engine.floats(adapter.base.store[adapter.base.causal.head.weight]))
    }
  }

  /// The adapter without factors of a module, whose weight then has the plain name.
  private func withoutFactors(
    of fixture: AdapterFixture, _ name: String, _ body: (URL) throws -> Void
  ) throws {
    try fixture.damaged(
      config: [("target_modules", ["q_proj"])],
      tensors: { tensors in
        var kept: AdapterFixture.Tensors = [:]
        for (key, value) in tensors where !key.contains("\(name).lora_") {
          kept[key.replacing(".base_layer", with: "")] = value
        }
        tensors = kept
      }, body)
  }

  @Test func `of two that differ for one weight is refused`() throws {
    let fixture = AdapterFixture(name: "smollm-other-embeddings")
    let base = try fixture.base()
    try withoutFactors(of: fixture, "embed_tokens") { folder in
      let file = folder.appending(path: "adapter_model.safetensors")
      var tensors = try SafetensorsFile(at: file).tensors.map {
        (name: $0.name, shape: $0.shape, values: try $0.floats())
      }
      let table = try #require(
        tensors.first { $0.name == "base_model.model.model.embed_tokens.weight" })
      tensors.append(
        ("base_model.model.lm_head.weight", table.shape, table.values.map { $0 + 1 }))
      try SafetensorsFile.write(
        tensors.map { tensor in
          TensorSource(tensor.name, tensor.shape, floats: tensor.values)
        }, to: file)
      let said = message { try Adapter(from: folder, on: base) }
      #expect(said.contains("differ, but are one weight of the base"), "\(said)")
      #expect(said.hasSuffix("[check: tensors]"))
    }
  }

  @Test func `of another vocabulary is refused with what to do`() throws {
    let fixture = AdapterFixture(name: "llama2-other-embeddings")
    let base = try fixture.base()
    let name = "base_model.model.model.embed_tokens.weight"
    try fixture.damaged(tensors: { tensors in
      tensors[name] = ([50, 16], (tensors[name]?.values ?? []) + Array(repeating: 0, count: 32))
    }) { folder in
      let said = message { try Adapter(from: folder, on: base) }
      #expect(said.contains("\(name) has shape [50, 16], expected [48, 16]"), "\(said)")
      #expect(said.contains("whose vocabulary has 50 tokens"), "\(said)")
      #expect(said.contains("resize_token_embeddings(50)"), "\(said)")
      #expect(said.hasSuffix("[check: shapes]"))
      // The unit that is left out is the tensor: the factors and the head stay.
      let adapter = try Adapter(from: folder, on: base, allowing: [.shapes])
      #expect(adapter.sites.count == 4)
      #expect(adapter.loading?.modules == 4)
    }
  }
}

@Suite struct `A tensor that is missing` {
  @Test(arguments: ["llama-biases-all", "qwen2-bias-lora-only"])
  func `and is a bias stays as in the base, where that is allowed`(_ name: String) throws {
    let fixture = AdapterFixture(name: name)
    let whole = try fixture.adapter()
    let path = "model.layers.0.self_attn.\(name.hasPrefix("qwen") ? "q" : "k")_proj"
    let missing = "base_model.model.\(path).base_layer.bias"
    try fixture.damaged(tensors: { $0[missing] = nil }) { folder in
      let said = message { try Adapter(from: folder, on: whole.base) }
      #expect(said.contains("the tensor \(missing) is missing"), "\(said)")
      #expect(said.hasSuffix("[check: tensors]"))
      let adapter = try Adapter(from: folder, on: whole.base, allowing: [.tensors])
      #expect(adapter.sites.count == whole.sites.count)
      let own = try #require(adapter.replacements[path + ".bias"])
      let expected = try #require(
        whole.base.architecture.parameters.first { $0.path == path + ".bias" })
      let engine = whole.base.engine
      #expect(engine.floats(adapter.values[own]) == engine.floats(whole.base.store[expected]))
      // Nothing else is left out.
      var other = whole
      other.values[try #require(whole.replacements[path + ".bias"])] = adapter.values[own]
      let ids = try fixture.ids()
      #expect(
        engine.floats(adapter.model.logits(ids, adapters: adapter.selection))
          == engine.floats(other.model.logits(ids, adapters: other.selection)))
    }
  }

  @Test func `as all biases of lora_only are, is said and no fault`() throws {
    let adapter = try AdapterFixture(name: "qwen2-bias-lost").adapter()
    let note = try #require(adapter.loading?.notes.first)
    #expect(note.contains("the file holds no bias"), "\(note)")
    #expect(adapter.sites.count == 4)
  }

  @Test func `and is a magnitude takes its module along`() throws {
    let fixture = AdapterFixture(name: "qwen2-dora")
    let base = try fixture.base()
    let name = "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector"
    try fixture.damaged(tensors: { $0[name] = nil }) { folder in
      let said = message { try Adapter(from: folder, on: base) }
      #expect(said.contains("the tensor \(name) is missing"), "\(said)")
      let adapter = try Adapter(from: folder, on: base, allowing: [.tensors])
      #expect(!adapter.sites.contains { $0.path == "model.layers.0.self_attn.q_proj" })
      #expect(message { try StoredAdapter(at: folder) }.contains("\(name) is missing"))
    }
  }

  @Test func `and holds the rows of tokens leaves the base's, where that is allowed`() throws {
    let fixture = AdapterFixture(name: "llama2-tokens")
    let base = try fixture.base()
    let name = "base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta"
    try fixture.damaged(tensors: { $0[name] = nil }) { folder in
      #expect(message { try Adapter(from: folder, on: base) }.contains("\(name) is missing"))
      let adapter = try Adapter(from: folder, on: base, allowing: [.tensors])
      let rows = try #require(adapter.ownRows["model.embed_tokens.weight"])
      let table = base.engine.floats(base.store[base.architecture.backbone.tokenTable.weight])
      #expect(
        base.engine.floats(adapter.values[rows.rows])
          == rows.numbers.flatMap { table[Int($0) * 16..<(Int($0) + 1) * 16] })
    }
  }
}
