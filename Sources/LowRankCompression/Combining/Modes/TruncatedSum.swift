import LowRankAdapters
import LowRankCheckpoints

/// PEFT's `svd`: the nearest update of a rank to the exact sum, `U_r Σ_r V_rᵀ`.
///
/// The sum is never formed: thin QR of the concatenated factors and a small SVD give the same. Factors are balanced.
public struct TruncatedSum: CombinationMode {
  public let name = "svd"
  public let takesOne = true
  /// The largest rank of a module.
  public let rank: Int

  /// A sum cut to a rank of at least 1.
  public init(rank: Int) { self.rank = rank }

  public func combine(_ terms: ModuleTerms) throws -> EditableAdapter.Module? {
    guard let exact = try ExactSum(scale: 1).combine(terms) else { return nil }
    let module = StoredModule(exact)
    let decomposition = try FactorDecomposition(module)
    return try ModuleCut(
      module, decomposition, keeping: min(rank, decomposition.spectrum.values.count)
    ).module
  }
}
