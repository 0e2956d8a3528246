import Foundation
import LowRankAdapters
import LowRankAnalysis
import LowRankCompression
import LowRankTensors
import LowRankTesting
import Testing

@Suite struct `A spectrum` {
  @Test func `of equal values has its count as stable and effective rank`() {
    let summary = SpectrumSummary([3, 3, 3, 3])
    #expect(abs(summary.stableRank - 4) < 1e-12 && abs(summary.effectiveRank - 4) < 1e-12)
    #expect(summary.frobenius == 6 && summary.spectral == 3 && summary.nuclear == 12)
  }

  @Test func `counts the components that hold a share of the energy`() {
    let summary = SpectrumSummary([3, 2, 1])
    #expect(summary.rank(holding: 9.0 / 14) == 1)
    #expect(summary.rank(holding: 0.65) == 2 && summary.rank(holding: 0.95) == 3)
    #expect(summary.rank(holding: 1) == 3)
  }

  @Test func `of nothing is nothing`() {
    let summary = SpectrumSummary([0, 0])
    #expect(summary.stableRank == 0 && summary.effectiveRank == 0 && summary.frobenius == 0)
  }

  @Test func `of an update is that of the dense matrix, vectors included`() throws {
    let made = try MadeAdapter.random()
    let stored = try made.stored()
    for module in stored.modules {
      let dense = try #require(stored.updates()[module.path])
      let update = try UpdateDecomposition(module)
      let expected = try SingularValueDecomposition(dense).values.prefix(6)
      for (value, reference) in zip(update.values, expected) {
        #expect(abs(value - reference) < 1e-12 * expected[0])
      }
      let (up, down) = update.balancedFactors
      #expect((up.multiplied(by: down) - dense).frobeniusNorm < 1e-12 * dense.frobeniusNorm)
      let gram = update.left.transposed.multiplied(by: update.left)
      for index in 0..<6 { #expect(abs(gram[index, index] - 1) < 1e-13) }
    }
  }

  @Test func `tells balanced factors from others`() throws {
    let update = try UpdateDecomposition(
      path: "m", up: noise(20, 4, seed: 1), down: noise(4, 30, seed: 2))
    let (up, down) = update.balancedFactors
    let made = try MadeAdapter([
      .init(path: "a", up: up, down: down, scale: 1),
      .init(path: "b", up: up * 8, down: down * 0.125, scale: 1),
    ])
    let modules = try made.stored().modules
    let (balanced, tilted) = (try GaugeBalance(modules[0]), try GaugeBalance(modules[1]))
    #expect(balanced.imbalance < 1e-6 && abs(balanced.excess - 1) < 1e-6)
    #expect(tilted.imbalance > 0.99 && abs(tilted.excess - (64 + 1.0 / 64) / 2) < 1e-4)
  }
}
