import LowRankAdapters

/// PEFT's `cat`: the exact sum with all scales and weights in A, `A = [w₁s₁A₁; …]`, `B = [B₁ …]`, α = r.
public struct Concatenation: CombinationMode {
  public let name = "cat"
  public let takesOne = true

  /// PEFT's `cat`.
  public init() {}

  public func combine(_ terms: ModuleTerms) throws -> EditableAdapter.Module? {
    try ExactSum(scale: 1).combine(terms)
  }
}
