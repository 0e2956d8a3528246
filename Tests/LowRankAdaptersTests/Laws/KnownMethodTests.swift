import LowRankAdapters
import LowRankTesting
import Testing

@Suite struct `Every law` {
  @Test(arguments: [false, true], [0, 0.3])
  func `holds for LoRA and DoRA, with and without dropout`(
    hasMagnitude: Bool, dropout: Double
  ) throws {
    let report = try checkLaws(of: LoRA(dropout: dropout, hasMagnitude: hasMagnitude))
    #expect(report.violations.isEmpty, "\(report)")
    #expect(report.checked == Set(Law.allCases))
  }

  @Test func `holds for rank-stabilised LoRA with ranks by pattern`() throws {
    let ranks = PatternRanks(
      rank: 2, alpha: 3, isRankStabilized: true,
      rankPattern: [try .init("h\\.1\\..*", 3), try .init("q_proj", 1)],
      alphaPattern: [try .init("c_fc", 5)])
    let report = try checkLaws(of: LoRA(), ranks: ranks)
    #expect(report.violations.isEmpty, "\(report)")
  }

  @Test func `but one holds for a start that is not silent`() throws {
    let report = try checkLaws(of: LoRA(start: NonzeroStart()))
    #expect(Set(report.violations.map(\.law)) == [.freshIsSilent])
  }
}
