import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// PEFT's modes that add up factors, `A = merge(σᵢ√|cᵢ|, Aᵢ)` and `B = merge(√|cᵢ|, Bᵢ)` with `cᵢ = wᵢ sᵢ` and its sign σᵢ.
///
/// `B A` then has products of one adapter's B with another's A, which no sum of updates has: the distance says how much.
public struct FactorMerge: CombinationMode {
  public let name: String
  public var takesOne: Bool { rule.isSum }
  /// How the elements are merged.
  public let rule: MergeRule

  /// A merge of factors.
  public init(_ name: String, _ rule: MergeRule) { (self.name, self.rule) = (name, rule) }

  public func combine(_ terms: ModuleTerms) throws -> EditableAdapter.Module? {
    let ranks = terms.terms.map(\.module.rank)
    guard Set(ranks).count == 1 else {
      throw CombinationError.ranks(mode: name, path: terms.path, ranks: ranks)
    }
    let multipliers = terms.terms.map(\.multiplier)
    let down = try merged(
      terms, "A", \.module.down, multipliers.map { ($0 < 0 ? -1 : 1) * abs($0).squareRoot() })
    let up = try merged(terms, "B", \.module.up, multipliers.map { abs($0).squareRoot() })
    return EditableAdapter.Module(
      path: terms.path, kind: terms.kind, down: down, up: up, scale: 1)
  }

  private func merged(
    _ terms: ModuleTerms, _ factor: String, _ part: (ModuleTerms.Term) -> FactorMatrix,
    _ weights: [Double]
  ) throws -> FactorMatrix {
    let factors = terms.terms.map(part)
    let numbers = rule.merged(try factors.map { try $0.values() }, weights: weights) {
      RandomMask.key(path: terms.path, part: factor, adapter: terms.terms[$0].adapter)
    }
    return FactorMatrix(numbers.map { Float($0) }, factors[0].shape, as: .float32)
  }
}
