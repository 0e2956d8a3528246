import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// PEFT's modes that merge whole updates and cut the result to a rank, `ΔW = merge(wᵢ, sᵢ Bᵢ Aᵢ) ≈ U_r Σ_r V_rᵀ`.
///
/// Pruning and voting look at single elements, so here the updates are formed, one module at a time. Factors are balanced.
public struct UpdateMerge: CombinationMode {
  public let name: String
  public let takesOne = false
  /// How the elements are merged.
  public let rule: MergeRule
  /// The largest rank of a module.
  public let rank: Int

  /// A merge of updates, cut to a rank of at least 1.
  public init(_ name: String, _ rule: MergeRule, rank: Int) {
    (self.name, self.rule, self.rank) = (name, rule, rank)
  }

  public func combine(_ terms: ModuleTerms) throws -> EditableAdapter.Module? {
    let updates = try terms.terms.map { term in
      let module = term.module
      let up = HostMatrix(try module.up.values(), rows: module.outputs, columns: module.rank)
      let down = HostMatrix(try module.down.values(), rows: module.rank, columns: module.inputs)
      let scale = Float(module.scale)
      return up.multiplied(by: down).elements.map { $0 * scale }
    }
    let merged = rule.merged(updates, weights: terms.terms.map(\.weight)) {
      RandomMask.key(path: terms.path, part: "W", adapter: terms.terms[$0].adapter)
    }
    let (outputs, inputs) = terms.shape
    let update = HostMatrix(merged.map { Float($0) }, rows: outputs, columns: inputs)
    let decomposition = try SingularValueDecomposition(update)
    let rank = min(rank, decomposition.values.prefix { $0 > 0 }.count)
    guard rank > 0 else { return nil }
    let (up, down) = balancedFactors(
      decomposition.left.columns(0..<rank), decomposition.values.prefix(rank),
      decomposition.right.rows(0..<rank))
    return EditableAdapter.Module(
      path: terms.path, kind: terms.kind, down: FactorMatrix(down, as: .float32),
      up: FactorMatrix(up, as: .float32), scale: 1)
  }
}
