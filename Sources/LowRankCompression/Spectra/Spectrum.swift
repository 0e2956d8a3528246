/// The singular values of a module's scaled update `s·B A`, and what a unit of its rank costs.
public struct Spectrum: Hashable, Sendable {
  /// The checkpoint path of the module.
  public let path: String
  /// |s|·σ, largest first; as many as the rank, or as the update has rows or columns.
  public let values: [Double]
  /// The parameters that a unit of rank takes, m + n.
  public let parametersPerRank: Int
  /// The energy of components beyond `values`: 0 if there are none.
  public let remainingEnergy: Double

  /// A spectrum.
  ///
  /// - Parameter remainingEnergy: the energy of components that were not looked for.
  public init(
    path: String, values: [Double], parametersPerRank: Int, remainingEnergy: Double = 0
  ) {
    self.path = path
    self.values = values
    self.parametersPerRank = parametersPerRank
    self.remainingEnergy = remainingEnergy
  }

  /// The energy Σσ², the squared Frobenius norm of the update.
  public var energy: Double { values.reduce(0) { $0 + $1 * $1 } + remainingEnergy }

  /// The energy that is lost when only the first components are kept.
  public func discardedEnergy(keeping rank: Int) -> Double {
    values.dropFirst(rank).reduce(0) { $0 + $1 * $1 } + remainingEnergy
  }
}
