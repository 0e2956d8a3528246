import Foundation

/// What the singular values of an update say about its size and its rank.
public struct SpectrumSummary: Hashable, Sendable {
  /// σ, largest first.
  public let values: [Double]

  /// The summary of some singular values.
  public init(_ values: [Double]) { self.values = values }

  /// ‖ΔW‖_F = √Σσ².
  public var frobenius: Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  /// ‖ΔW‖₂ = σ₁.
  public var spectral: Double { values.first ?? 0 }
  /// ‖ΔW‖_* = Σσ.
  public var nuclear: Double { values.reduce(0, +) }

  /// The stable rank ‖ΔW‖_F² / ‖ΔW‖₂², 0 for an update of no size.
  public var stableRank: Double {
    spectral > 0 ? frobenius * frobenius / (spectral * spectral) : 0
  }

  /// The effective rank `exp(−Σ pᵢ ln pᵢ)` with `pᵢ = σᵢ/Σσ`, 0 for an update of no size.
  ///
  /// Roy and Vetterli, The effective rank: a measure of effective dimensionality, EUSIPCO 2007.
  public var effectiveRank: Double {
    guard nuclear > 0 else { return 0 }
    let entropy = values.filter { $0 > 0 }.reduce(0) { $0 - $1 / nuclear * log($1 / nuclear) }
    return exp(entropy)
  }

  /// The fewest components that hold a share of the energy Σσ².
  public func rank(holding share: Double) -> Int {
    let wanted = share * frobenius * frobenius * (1 - 1e-12)
    var sum = 0.0
    for (index, value) in values.enumerated() {
      if sum >= wanted { return index }
      sum += value * value
    }
    return values.count
  }
}
