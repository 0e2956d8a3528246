import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTransformers
import Testing

@Suite struct `LoTR, which shares two factors among all layers,` {
  @Test func `keeps every law`() throws {
    let report = try checkLaws(of: LoTR())
    #expect(report.violations.isEmpty, "\(report)")
  }

  @Test func `has r(m + n) + L r² parameters for maps of one kind`() throws {
    let model = try TinyModels.llama(on: ReferenceEngine())
    let update = AdapterUpdate(LoTR(), PatternRanks(rank: 2))
    let adapter = try Adapter(on: model, targets: .named("up_proj"), update: update)
    #expect(adapter.parameterCount == 2 * (12 + 8) + 2 * 2 * 2)
  }
}
