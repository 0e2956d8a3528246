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
  /// Whether the module is a table of embeddings, whose input is one row, and not a vector of numbers.
  public let isEmbedding: Bool
  /// The rank that every policy keeps: 1 with DoRA's magnitudes, which act even where BA is nothing; else 0.
  public let leastRank: Int

  /// A spectrum.
  ///
  /// - Parameter remainingEnergy: the energy of components that were not looked for.
  public init(
    path: String, values: [Double], parametersPerRank: Int, remainingEnergy: Double = 0,
    isEmbedding: Bool = false, leastRank: Int = 0
  ) {
    self.path = path
    self.values = values
    self.parametersPerRank = parametersPerRank
    self.remainingEnergy = remainingEnergy
    self.isEmbedding = isEmbedding
    self.leastRank = leastRank
  }

  /// The energy Σσ², the squared Frobenius norm of the update.
  public var energy: Double { values.reduce(0) { $0 + $1 * $1 } + remainingEnergy }

  /// The same where nothing asks for a least rank.
  var withoutLeastRank: Spectrum {
    Spectrum(
      path: path, values: values, parametersPerRank: parametersPerRank,
      remainingEnergy: remainingEnergy, isEmbedding: isEmbedding)
  }

  /// The energy that is lost when only the first components are kept.
  public func discardedEnergy(keeping rank: Int) -> Double {
    values.dropFirst(rank).reduce(0) { $0 + $1 * $1 } + remainingEnergy
  }
}

extension [Spectrum] {
  /// The same where nothing asks for a least rank: what policies choose by values alone.
  public var withoutLeastRanks: [Spectrum] { map(\.withoutLeastRank) }
}
