import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `A tied head` {
  private let base: Model

  init() throws { base = try TinyModels.gpt2(on: CPUEngine()) }

  @Test(arguments: ["wte", "lm_head"])
  func `is untied by an adapter on one side, and the model says so`(_ name: String) throws {
    let adapter = try moved(Adapter(on: base, targets: .named(name), update: .lora(rank: 2)))
    let merged = try base.merging(adapter)
    try expectUntied(merged, adapter)
  }

  @Test(arguments: ["wte", "lm_head"])
  func `is untied where one side was trained whole`(_ name: String) throws {
    let adapter = try moved(
      Adapter(
        on: base,
        configuration: AdapterConfiguration(
          target: .named("c_attn"), ranks: PatternRanks(rank: 2), modulesToSave: [name])))
    let merged = try base.merging(adapter)
    try expectUntied(merged, adapter)
  }

  @Test func `stays tied where the adapter leaves both alone`() throws {
    let adapter = try moved(Adapter(on: base, targets: .allLinear, update: .lora(rank: 2)))
    let merged = try base.merging(adapter)
    #expect(merged.causal.isHeadTied)
    #expect(merged.config["tie_word_embeddings"] == nil && merged.notes.isEmpty)
    #expect(MergeCheck(merged, adapter, on: [[1, 2, 3]]).largestDifference < 1e-4)
    try withTemporaryFolder { folder in
      try merged.save(to: folder)
      #expect(try ModelFolder(at: folder)["lm_head.weight"] == nil)
    }
  }

  private func moved(_ adapter: Adapter) -> Adapter {
    var adapter = adapter
    var random = Philox(key: 5)
    for parameter in adapter.trainable {
      let numbers = base.engine.floats(adapter.values[parameter])
        .map { $0 + 0.3 * Float(random.normal()) }
      adapter.values[parameter] = base.engine.tensor(numbers, parameter.shape, type: .float32)
    }
    return adapter
  }

  private func expectUntied(_ merged: Model, _ adapter: Adapter) throws {
    #expect(base.causal.isHeadTied && base.config["tie_word_embeddings"] == nil)
    #expect(!merged.causal.isHeadTied)
    #expect(merged.config["tie_word_embeddings"] == .bool(false))
    #expect(merged.notes.count == 1 && merged.notes[0].hasPrefix("lm_head is no longer tied"))
    #expect(MergeCheck(merged, adapter, on: [[1, 2, 3]]).largestDifference < 1e-4)
    try withTemporaryFolder { folder in
      try merged.save(to: folder)
      let loaded = try Model(from: folder, precision: .float32, engine: CPUEngine())
      #expect(!loaded.causal.isHeadTied)
      #expect(MergeCheck(loaded, adapter, on: [[1, 2, 3]]).largestDifference < 1e-4)
    }
  }
}
