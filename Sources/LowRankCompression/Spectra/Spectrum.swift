/// The singular values of a module's scaled update `s·B A`, and what a unit of its rank costs.
public struct Spectrum: Hashable, Sendable {
  /// The checkpoint path of the module.
  public let path: String
  /// |s|·σ, largest first; as many as the rank, or as the update has rows or columns.
  public let values: [Double]
  /// The parameters that a unit of rank takes, m + n.
  public let parametersPerRank: Int

  /// A spectrum.
  public init(path: String, values: [Double], parametersPerRank: Int) {
    self.path = path
    self.values = values
    self.parametersPerRank = parametersPerRank
  }

  /// The energy Σσ², the squared Frobenius norm of the update.
  public var energy: Double { values.reduce(0) { $0 + $1 * $1 } }

  /// The energy that is lost when only the first components are kept.
  public func discardedEnergy(keeping rank: Int) -> Double {
    values.dropFirst(rank).reduce(0) { $0 + $1 * $1 }
  }
}
