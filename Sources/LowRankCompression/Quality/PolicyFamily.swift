/// The policies of one kind, the one that keeps least first: what a search for the smallest good adapter goes through.
public struct PolicyFamily: Sendable {
  /// What the kind is called.
  public let name: String
  /// How many members there are.
  public let count: Int
  private let member: @Sendable (Int) -> any RankPolicy

  /// The policy at a place, of which a later one never keeps fewer parameters.
  public subscript(index: Int) -> any RankPolicy { member(index) }

  /// PARA: the 1, 2, … largest singular values of all modules together, from the least ranks on.
  public static func largestComponents(of spectra: [Spectrum]) -> PolicyFamily {
    let least = max(1, spectra.reduce(0) { $0 + $1.leastRank })
    let count = spectra.reduce(0) { $0 + $1.values.count }
    return PolicyFamily(name: "para", count: count - least + 1) { LargestComponents($0 + least) }
  }

  /// The components with most energy for their parameters.
  public static func costAware(of spectra: [Spectrum]) -> PolicyFamily {
    let pool = ComponentPool(spectra) { $0 * $0 / Double($1.parametersPerRank) }
    var sum = 0
    let budgets = pool.modules.map { module in
      sum += spectra[module].parametersPerRank
      return sum
    }
    let first = max(0, pool.least - 1)
    return PolicyFamily(name: "cost-aware", count: budgets.count - first) {
      ParameterBudget(budgets[first + $0])
    }
  }

  /// The same rank for every module.
  public static func uniform(of spectra: [Spectrum]) -> PolicyFamily {
    PolicyFamily(name: "uniform", count: spectra.map(\.values.count).max() ?? 0) {
      UniformRank($0 + 1)
    }
  }

  /// The same share of its own energy for every module, in thousandths.
  public static func moduleEnergy() -> PolicyFamily {
    PolicyFamily(name: "per-module-energy", count: 1000) {
      ModuleEnergy(share: Double($0 + 1) / 1000)
    }
  }

  /// All kinds that are compared.
  public static func all(of spectra: [Spectrum]) -> [PolicyFamily] {
    [
      .largestComponents(of: spectra), .costAware(of: spectra), .uniform(of: spectra),
      .moduleEnergy(),
    ]
  }
}
