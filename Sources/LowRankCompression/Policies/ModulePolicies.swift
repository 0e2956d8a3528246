/// The same rank for every module, for comparison: truncation as other tools do it.
public struct UniformRank: RankPolicy {
  /// The rank.
  public let rank: Int

  /// A rank.
  public init(_ rank: Int) { self.rank = rank }

  public func ranks(for spectra: [Spectrum]) -> [Int] {
    spectra.map { min(rank, $0.values.count) }
  }
}

/// The same share of its own energy for every module, for comparison: PEFT's `convert_to_lora` with a share.
public struct ModuleEnergy: RankPolicy {
  /// The share of each module's energy that is kept.
  public let share: Double

  /// A share from 0 to 1.
  public init(share: Double) { self.share = share }

  public func ranks(for spectra: [Spectrum]) -> [Int] {
    spectra.map {
      share < 1
        ? max($0.leastRank, countReaching(share, of: $0.values, besides: $0.remainingEnergy))
        : $0.values.count
    }
  }
}
