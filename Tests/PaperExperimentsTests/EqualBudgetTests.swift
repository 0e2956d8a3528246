import PaperExperiments
import Testing

@Suite struct `Ranks of an equal number of parameters` {
  @Test func `are the paper's where all matrices are of one size`() {
    let ranks = (1...4).map { count in
      equalBudgetRanks(
        costs: Array(repeating: 128, count: count), limits: Array(repeating: 64, count: count),
        budget: 8 * 128)
    }
    #expect(ranks == [[8], [4, 4], [3, 3, 2], [2, 2, 2, 2]])
  }

  @Test func `are as near as whole ranks allow where sizes differ`() {
    // stories260K: queries 64 × 64, keys and values 32 × 64.
    #expect(equalBudgetRanks(costs: [96], limits: [32], budget: 1024) == [11])
    #expect(equalBudgetRanks(costs: [128, 96], limits: [64, 32], budget: 1024) == [5, 4])
    #expect(
      equalBudgetRanks(costs: [128, 96, 96, 128], limits: [64, 32, 32, 64], budget: 1024)
        == [3, 2, 2, 2])
  }

  @Test func `stay within the limits, and at 1 or more`() {
    #expect(equalBudgetRanks(costs: [10], limits: [4], budget: 1000) == [4])
    #expect(equalBudgetRanks(costs: [10, 10], limits: [2, 64], budget: 200) == [2, 18])
    #expect(equalBudgetRanks(costs: [100, 100], limits: [64, 64], budget: 8) == [1, 1])
  }
}
