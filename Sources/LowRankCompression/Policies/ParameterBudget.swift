/// A budget of parameters: components in the order of energy for their cost, `σ²/(m + n)`, while they fit.
///
/// The order does not depend on the budget and is followed up to the first component that does not fit, so that a larger
/// budget never keeps less of any module. Where the least ranks do not fit, nothing is kept.
public struct ParameterBudget: RankPolicy {
  /// The most parameters of all factors together.
  public let parameters: Int

  /// A budget.
  public init(_ parameters: Int) { self.parameters = parameters }

  /// The places of the modules whose rank 1 is the least that this policy keeps: those with a least rank, or else the one
  /// that is kept first; none if there is no component.
  public func first(of spectra: [Spectrum]) -> [Int] {
    let pool = ComponentPool(spectra) { $0 * $0 / Double($1.parametersPerRank) }
    return Array(pool.modules.prefix(max(1, pool.least)))
  }

  public func ranks(for spectra: [Spectrum]) -> [Int] {
    let total = spectra.reduce(0) { $0 + $1.values.count * $1.parametersPerRank }
    guard total > parameters else { return spectra.map(\.values.count) }
    let pool = ComponentPool(spectra) { $0 * $0 / Double($1.parametersPerRank) }
    var (rest, count) = (parameters, 0)
    for module in pool.modules {
      rest -= spectra[module].parametersPerRank
      guard rest >= 0 else { break }
      count += 1
    }
    guard count >= pool.least else { return [Int](repeating: 0, count: spectra.count) }
    return pool.ranks(keeping: count, of: spectra)
  }
}
