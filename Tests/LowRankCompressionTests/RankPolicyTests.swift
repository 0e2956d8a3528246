import LowRankCompression
import LowRankTesting
import Testing

@Suite struct `A rank policy` {
  private let spectra = [
    Spectrum(path: "a", values: [8, 4, 2, 1], parametersPerRank: 10),
    Spectrum(path: "b", values: [4, 3, 0.5, 0], parametersPerRank: 100),
    Spectrum(path: "c", values: [1, 0.1], parametersPerRank: 10),
  ]

  @Test func `of a budget keeps the largest values of all modules, ties by their order`() {
    #expect(RankBudget(share: 0.1).ranks(for: spectra) == [1, 0, 0])
    #expect(RankBudget(share: 0.2).ranks(for: spectra) == [2, 0, 0])
    #expect(RankBudget(share: 0.3).ranks(for: spectra) == [2, 1, 0])
    #expect(RankBudget(share: 0.6).ranks(for: spectra) == [4, 2, 0])
    #expect(RankBudget(share: 1).ranks(for: spectra) == [4, 4, 2])
  }

  @Test func `of energy keeps as few as reach it`() {
    let total = spectra.reduce(0) { $0 + $1.energy }
    #expect(GlobalEnergy(share: 64 / total - 1e-12).ranks(for: spectra) == [1, 0, 0])
    #expect(GlobalEnergy(share: 64 / total + 1e-12).ranks(for: spectra) == [2, 0, 0])
    for share in [0.5, 0.9, 0.99, 0.9999] {
      let ranks = GlobalEnergy(share: share).ranks(for: spectra)
      let lost = zip(spectra, ranks).reduce(0) { $0 + $1.0.discardedEnergy(keeping: $1.1) }
      #expect(total - lost >= share * total - 1e-9)
    }
  }

  @Test func `of energy counts components that were not looked for as lost`() {
    // 20 of 80 is beyond the spectra.
    let cut = [
      Spectrum(path: "a", values: [6, 2], parametersPerRank: 10, remainingEnergy: 12),
      Spectrum(path: "b", values: [4, 2], parametersPerRank: 10, remainingEnergy: 8),
    ]
    #expect(cut[0].energy == 52 && cut[0].discardedEnergy(keeping: 1) == 16)
    #expect(GlobalEnergy(share: 0.65).ranks(for: cut) == [1, 1])
    #expect(GlobalEnergy(share: 0.66).ranks(for: cut) == [2, 1])
    #expect(GlobalEnergy(share: 0.9).ranks(for: cut) == [2, 2])
    #expect(ModuleEnergy(share: 0.6).ranks(for: cut) == [1, 2])
  }

  @Test func `of energy weighs tables of embeddings among themselves`() {
    let tables = [
      Spectrum(path: "e", values: [1000, 100, 1], parametersPerRank: 10, isEmbedding: true)
    ]
    let share = 0.95
    let ranks = GlobalEnergy(share: share).ranks(for: spectra + tables)
    // By size alone, the table would be all that is kept.
    #expect(ranks == GlobalEnergy(share: share).ranks(for: spectra) + [1])
    #expect(ranks[0] > 0)
  }

  @Test func `of a threshold keeps what reaches it`() {
    #expect(SpectralThreshold(3).ranks(for: spectra) == [2, 2, 0])
    #expect(SpectralThreshold(3.001).ranks(for: spectra) == [2, 1, 0])
  }

  @Test func `of parameters weighs energy against cost and fits`() {
    // For each parameter: 6.4, 1.6, 0.4, 0.1 in a; 0.16, 0.09 in b; 0.1 in c.
    #expect(ParameterBudget(30).ranks(for: spectra) == [3, 0, 0])
    #expect(ParameterBudget(129).ranks(for: spectra) == [3, 0, 0])
    #expect(ParameterBudget(130).ranks(for: spectra) == [3, 1, 0])
    #expect(ParameterBudget(150).ranks(for: spectra) == [4, 1, 1])
    // The least that is kept is rank 1 of the module that comes first.
    #expect(ParameterBudget(9).first(of: spectra) == [0])
    #expect(ParameterBudget(9).ranks(for: spectra) == [0, 0, 0])
    #expect(ParameterBudget(10).ranks(for: spectra) == [1, 0, 0])
  }

  /// What every policy keeps of modules with magnitudes, and what budgets make of it.
  @Test func `keeps the least ranks before all else`() {
    let dora = [
      Spectrum(path: "a", values: [8, 4, 2, 1], parametersPerRank: 10),
      Spectrum(path: "b", values: [0.2, 0], parametersPerRank: 100, leastRank: 1),
      Spectrum(path: "c", values: [0, 0], parametersPerRank: 10, leastRank: 1),
    ]
    #expect(dora.withoutLeastRanks.allSatisfy { $0.leastRank == 0 })
    #expect(RankBudget(share: 0.1).ranks(for: dora) == [0, 1, 1])
    #expect(RankBudget(share: 0.5).ranks(for: dora) == [2, 1, 1])
    #expect(GlobalEnergy(share: 0.5).ranks(for: dora) == [1, 1, 1])
    #expect(SpectralThreshold(3).ranks(for: dora) == [2, 1, 1])
    #expect(ModuleEnergy(share: 0.7).ranks(for: dora) == [1, 1, 1])
    #expect(UniformRank(1).ranks(for: dora) == [1, 1, 1])
    #expect(ParameterBudget(120).ranks(for: dora) == [1, 1, 1])
    #expect(ParameterBudget(110).ranks(for: dora) == [0, 1, 1])
    #expect(ParameterBudget(109).ranks(for: dora) == [0, 0, 0])
    #expect(ParameterBudget(109).first(of: dora) == [1, 2])
    let para = PolicyFamily.largestComponents(of: dora)
    #expect(para.count == 7 && para[0].ranks(for: dora) == [0, 1, 1])
    #expect(para[6].ranks(for: dora) == [4, 2, 2])
    let cost = PolicyFamily.costAware(of: dora)
    #expect(cost[0].ranks(for: dora) == [0, 1, 1] && cost[1].ranks(for: dora) == [1, 1, 1])
    // Whatever is asked for, the least ranks are there.
    for share in stride(from: 0.05, to: 1, by: 0.05) {
      for policy in [
        RankBudget(share: share), GlobalEnergy(share: share), ModuleEnergy(share: share),
      ] as [any RankPolicy] {
        let ranks = policy.ranks(for: dora)
        #expect(ranks[1] >= 1 && ranks[2] >= 1, "\(policy)")
      }
    }
  }

  @Test func `for comparison looks at each module alone`() {
    #expect(UniformRank(3).ranks(for: spectra) == [3, 3, 2])
    #expect(ModuleEnergy(share: 0.9).ranks(for: spectra) == [2, 2, 1])
  }

  @Test func `never keeps less for more`() {
    func grows(_ policies: [any RankPolicy]) {
      var before = [0, 0, 0]
      for policy in policies {
        let ranks = policy.ranks(for: spectra)
        #expect(zip(before, ranks).allSatisfy { $0 <= $1 }, "\(policy)")
        before = ranks
      }
    }
    let shares = (1...50).map { Double($0) / 50 }
    grows(shares.map { RankBudget(share: $0) })
    grows(shares.map { GlobalEnergy(share: $0) })
    grows(shares.map { ModuleEnergy(share: $0) })
    grows((1...50).map { ParameterBudget($0 * 10) })
    grows((1...90).map { SpectralThreshold(9 - Double($0) / 10) })
  }
}
