import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `An update of VeRA` {
  @Test(arguments: [VeRA(initialScale: 0.5, key: 7), VeRA(savesProjection: false, dropout: 0.3)])
  func `keeps its laws`(method: VeRA) throws {
    let report = try checkLaws(of: method, ranks: PatternRanks(rank: 3))
    #expect(report.violations.isEmpty, "\(report)")
  }

  @Test func `saves the matrices that maps of several shapes share once, and trains none`() throws {
    let model = try TinyModels.llama(on: CPUEngine())
    let adapter = try Adapter(
      on: model, targets: .named("up_proj", "down_proj", "k_proj"),
      update: AdapterUpdate(VeRA(), PatternRanks(rank: 3)))
    let shared = adapter.storedTensors().filter { $0.name.hasPrefix("base_model.") }
    #expect(shared.map(\.name) == ["base_model.vera_A", "base_model.vera_B"])
    #expect(shared.map(\.shape) == [[3, 12], [12, 3]])
    #expect(adapter.parameterCount == 2 * ((12 + 3) + (8 + 3) + (4 + 3)))
    let other = try Adapter(
      on: model, targets: .named("up_proj", "down_proj", "k_proj"),
      update: AdapterUpdate(VeRA(), PatternRanks(rank: 3)), seed: 5)
    #expect(other.storedTensors() == adapter.storedTensors(), "only the key tells them apart")
  }

  @Test func `has one rank and no scale`() throws {
    let pattern = PatternRanks(rank: 3, rankPattern: [try .init("q_proj", 2)])
    #expect {
      try Adapter(
        on: TinyModels.llama(on: CPUEngine()), targets: .named("q_proj", "k_proj"),
        update: AdapterUpdate(VeRA(), pattern))
    } throws: {
      "\($0)" == "PEFT's type VERA cannot hold ranks of single modules"
    }
    #expect {
      try Adapter(
        on: TinyModels.gpt2(on: CPUEngine()), targets: .queryValue,
        update: AdapterUpdate(VeRA(), PatternRanks(rank: 3)))
    } throws: {
      "\($0)".hasSuffix(
        "is a fused map, and VERA cannot adapt slices of it; to adapt the whole, name c_attn")
    }
  }
}
