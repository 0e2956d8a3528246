import Foundation
import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `An update of LoRA-XS` {
  @Test(arguments: [LoRAXS(), LoRAXS(iterations: 0, dropout: 0.3)], [1, 4])
  func `keeps its laws`(method: LoRAXS, rank: Int) throws {
    let report = try checkLaws(of: method, ranks: PatternRanks(rank: rank, alpha: 3))
    #expect(report.violations.isEmpty, "\(report)")
  }

  @Test func `is the identity of R times the best approximation of W`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    var adapter = try Adapter(
      on: model, targets: .named("up_proj"),
      update: AdapterUpdate(LoRAXS(), PatternRanks(rank: 8, alpha: 8)))
    #expect(adapter.parameterCount == 2 * 64)
    for core in adapter.trainable {
      adapter.values[core] = model.engine.tensor(
        (0..<64).map { $0 % 9 == 0 ? 1.0 : 0 }, core.shape)
    }
    // At the full rank of a map, ΔW = B A is W itself.
    let merged = try model.merging(adapter)
    for site in adapter.sites {
      let before = model.engine.doubles(site.map.dense(model.store, model.engine))
      let after = merged.engine.doubles(site.map.dense(merged.store, merged.engine))
      #expect(relativeDistance(after, from: before.map { 2 * $0 }) < 1e-6)
    }
  }

  @Test func `decomposes nothing for values that are read from elsewhere`() throws {
    let model = try TinyModels.llama(on: CPUEngine())
    func factors(_ method: any Method) throws -> [FactorTensor] {
      try Adapter(
        on: model, targets: .named("up_proj"),
        update: AdapterUpdate(method, PatternRanks(rank: 2))
      ).storedTensors()
    }
    #expect(try factors(LoRAXS()).contains { $0.values.contains { $0 != 0 } })
    #expect(try factors(LoRAXS().awaitingValues()).allSatisfy { $0.values.allSatisfy { $0 == 0 } })
  }

  @Test func `takes its frozen factors along to another head`() throws {
    let model = try TinyModels.llama(on: CPUEngine())
    let adapter = try Adapter(
      on: model, targets: .named("up_proj"),
      update: AdapterUpdate(LoRAXS(), PatternRanks(rank: 2)))
    let folder = FileManager.default.temporaryDirectory.appending(path: "lowrank-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try adapter.save(to: folder.path)
    let loaded = try Adapter(from: folder, on: model, toContinue: true)
    let moved = try Adapter(takingFactorsOf: loaded, on: model, savingWhole: [])
    #expect(moved.storedTensors() == adapter.storedTensors())
  }

  @Test func `is refused where the map has fewer directions`() throws {
    #expect {
      try Adapter(
        on: TinyModels.llama(on: CPUEngine()), targets: .named("k_proj"),
        update: AdapterUpdate(LoRAXS(), PatternRanks(rank: 5)))
    } throws: {
      "\($0)"
        == "rank is 5 for model.layers.0.self_attn.k_proj, expected at most 4, the smaller extent of the map, for the method lora-xs"
    }
  }
}
