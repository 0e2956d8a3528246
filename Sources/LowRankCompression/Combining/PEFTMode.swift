/// The modes of PEFT's `add_weighted_adapter` that prune or vote, by their names there.
public enum PEFTMode: String, Hashable, Sendable, CaseIterable {
  case linear
  case ties
  case dareLinear = "dare_linear"
  case dareTies = "dare_ties"
  case magnitudePrune = "magnitude_prune"
  case tiesSVD = "ties_svd"
  case dareLinearSVD = "dare_linear_svd"
  case dareTiesSVD = "dare_ties_svd"
  case magnitudePruneSVD = "magnitude_prune_svd"

  /// Whether it merges whole updates and cuts the result to a rank.
  public var isUpdateMerge: Bool { rawValue.hasSuffix("_svd") }
  /// Whether it prunes, to a density.
  public var prunes: Bool { self != .linear }
  /// Whether it prunes at random.
  public var isRandom: Bool { rawValue.hasPrefix("dare") }
  /// Whether it votes on signs.
  public var votes: Bool { rawValue.contains("ties") }

  /// The mode with its numbers.
  public func mode(
    density: Double, election: SignElection, seed: UInt64, rank: Int
  ) -> any CombinationMode {
    let pruning: MergeRule.Pruning =
      isRandom
      ? .random(density: density, seed: seed) : prunes ? .magnitude(density: density) : .none
    let rule = MergeRule(pruning, election: votes ? election : nil)
    return isUpdateMerge
      ? UpdateMerge(rawValue, rule, rank: rank) : FactorMerge(rawValue, rule)
  }
}
