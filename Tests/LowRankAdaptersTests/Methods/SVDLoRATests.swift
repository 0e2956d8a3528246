import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `The form of AdaLoRA` {
  @Test func `keeps its laws where directions of some modules are gone, of one all`() throws {
    let ranks = PatternRanks(
      rank: 3, alpha: 2,
      rankPattern: [
        try .init("q_proj", 1), try .init("up_proj", 0), try .init("h\\.0\\.mlp\\.c_fc", 2),
      ])
    for method in [SVDLoRA(), SVDLoRA(dropout: 0.3)] {
      let report = try checkLaws(of: method, ranks: ranks)
      #expect(report.violations.isEmpty, "\(report)")
    }
  }

  @Test func `is scaled by α over the rank of all modules and a little`() throws {
    let ranks = PatternRanks(rank: 3, alpha: 2, rankPattern: [try .init("q_proj", 1)])
    let adapter = try Adapter(
      on: TinyModels.llama(on: CPUEngine()), targets: .named("q_proj", "k_proj"),
      update: AdapterUpdate(SVDLoRA(), ranks))
    #expect(adapter.sites.allSatisfy { $0.scale == Float(2 / (3 + 1e-5)) })
    let config = adapter.peftConfiguration
    #expect(config["init_r"] == 3 && config["r"] == nil)
    let masks = try #require(config["rank_pattern"]?.object)
    #expect(masks["model.layers.1.self_attn.q_proj.lora_E"] == [true, false, false])
    #expect(masks.keys.count == 2)
  }

  @Test func `refuses more directions than a map has`() throws {
    func refusal(_ ranks: PatternRanks) -> String {
      do {
        _ = try Adapter(
          on: TinyModels.llama(on: CPUEngine()), targets: .named("up_proj", "k_proj"),
          update: AdapterUpdate(SVDLoRA(), ranks))
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      refusal(PatternRanks(rank: 5))
        == "rank is 5 for model.layers.0.self_attn.k_proj, expected at most 4, the smaller extent of the map, for the method svd"
    )
    #expect(
      refusal(PatternRanks(rank: 3, rankPattern: [try! .init("k_proj", 4)]))
        == "PEFT's type ADALORA cannot hold a rank of single modules above that of all")
    #expect(
      refusal(PatternRanks(rank: 3, rankPattern: [try! .init("k_proj", -1)]))
        == "rank pattern k_proj is -1, expected a number of at least 0")
  }
}
