/// How several tensors of one shape become one, element by element: prune each, perhaps vote on signs, add up.
public struct MergeRule: Hashable, Sendable {
  /// What is set to zero in each tensor first.
  public enum Pruning: Hashable, Sendable {
    /// Nothing.
    case none
    /// All but the share of largest magnitude.
    case magnitude(density: Double)
    /// All but a random share, which is divided by it so that the mean stays (DARE, arXiv 2311.03099).
    case random(density: Double, seed: UInt64)
  }

  /// What is pruned.
  public let pruning: Pruning
  /// How signs are voted on; without, elements are added up.
  public let election: SignElection?

  /// A rule.
  public init(_ pruning: Pruning = .none, election: SignElection? = nil) {
    self.pruning = pruning
    self.election = election
  }

  /// Whether it is the plain weighted sum.
  var isSum: Bool { pruning == .none && election == nil }

  /// The merged tensor: `Σ wᵢ tᵢ`, or its mean over those that agree with the elected sign.
  ///
  /// - Parameter key: what tells the random numbers of a tensor from those of others.
  package func merged(
    _ tensors: [[Float]], weights: [Double], key: (Int) -> UInt64 = { UInt64($0) }
  ) -> [Double] {
    let tensors = tensors.enumerated().map { pruned($1, key: key($0)) }
    if let election { return election.merged(tensors, weights: weights) }
    var result = [Double](repeating: 0, count: tensors.first?.count ?? 0)
    for (tensor, weight) in zip(tensors, weights) {
      for index in result.indices { result[index] += weight * Double(tensor[index]) }
    }
    return result
  }

  private func pruned(_ tensor: [Float], key: UInt64) -> [Float] {
    switch pruning {
    case .none: tensor
    case .magnitude(let density): magnitudePruned(tensor, density: density)
    case .random(let density, let seed):
      RandomMask(density: density, seed: seed).pruned(tensor, key: key)
    }
  }
}
