/// PARA's rank budget: the largest singular values of all modules together, `K = ⌈γ·Σr⌉` of them (arXiv 2604.27796).
///
/// By Eckart and Young on the block-diagonal operator of all updates it is, of all choices with this total rank, the one
/// with the least discarded energy.
public struct RankBudget: RankPolicy {
  /// γ, the share of the total rank that is kept.
  public let share: Double

  /// A budget from 0 to 1.
  public init(share: Double) { self.share = share }

  public func ranks(for spectra: [Spectrum]) -> [Int] {
    let total = spectra.reduce(0) { $0 + $1.values.count }
    let count = share < 1 ? Int((share * Double(total) - 1e-9).rounded(.up)) : total
    return LargestComponents(count).ranks(for: spectra)
  }
}

/// A number of the largest singular values of all modules together; more where the least ranks are more.
public struct LargestComponents: RankPolicy {
  /// How many are kept.
  public let count: Int

  /// A number of components.
  public init(_ count: Int) { self.count = count }

  public func ranks(for spectra: [Spectrum]) -> [Int] {
    let total = spectra.reduce(0) { $0 + $1.values.count }
    guard count < total else { return spectra.map(\.values.count) }
    return ComponentPool(spectra).ranks(keeping: count, of: spectra)
  }
}

/// PARA's energy rule: the fewest of the largest singular values with `Σσ² ≥ ε·Σσ²` over all modules.
///
/// The energy on the right includes that of components which the spectra leave out. If they leave out too much, everything
/// that they hold is kept. Tables of embeddings reach the share among themselves: their input is one row and that of a map a
/// vector of many numbers, so equal singular values do not change the model equally.
public struct GlobalEnergy: RankPolicy {
  /// ε, the share of the energy that is kept.
  public let share: Double

  /// A share from 0 to 1.
  public init(share: Double) { self.share = share }

  public func ranks(for spectra: [Spectrum]) -> [Int] {
    guard share < 1 else { return spectra.map(\.values.count) }
    var ranks = [Int](repeating: 0, count: spectra.count)
    for isEmbedding in [false, true] {
      let places = spectra.indices.filter { spectra[$0].isEmbedding == isEmbedding }
      for (place, rank) in zip(places, self.ranks(among: places.map { spectra[$0] })) {
        ranks[place] = rank
      }
    }
    return ranks
  }

  private func ranks(among spectra: [Spectrum]) -> [Int] {
    let pool = ComponentPool(spectra)
    let rest = spectra.reduce(0) { $0 + $1.remainingEnergy }
    return pool.ranks(keeping: countReaching(share, of: pool.scores, besides: rest), of: spectra)
  }
}

/// One threshold: every component with `|s|·σ ≥ τ`.
public struct SpectralThreshold: RankPolicy {
  /// τ.
  public let value: Double

  /// A threshold of at least 0.
  public init(_ value: Double) { self.value = value }

  public func ranks(for spectra: [Spectrum]) -> [Int] {
    spectra.map { max($0.leastRank, $0.values.count { $0 >= value }) }
  }
}

/// How many of the first values it takes until their squares add up to a share of all; all of them if they never do.
///
/// - Parameter rest: what belongs to the whole beside the squares.
func countReaching(_ share: Double, of values: [Double], besides rest: Double = 0) -> Int {
  let total = values.reduce(0) { $0 + $1 * $1 } + rest
  var sum = 0.0
  for (index, value) in values.enumerated() {
    if sum >= share * total { return index }
    sum += value * value
  }
  return values.count
}
