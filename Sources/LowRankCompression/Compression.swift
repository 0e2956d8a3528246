import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// PARA: prunes the modules of a trained adapter to ranks of their own, without data and without the base.
///
/// A policy looks at the singular values `|s|·σ` of all modules at once; the components it keeps are written as balanced
/// factors `B' = U_k √Σ_k`, `A' = √Σ_k V_kᵀ` under the scale they had, their singular values untouched. Post-Optimization
/// Adaptive Rank Allocation, arXiv 2604.27796.
public struct Compression: Sendable {
  /// The adapter.
  public let adapter: StoredAdapter
  /// The spectra of its modules, in their order.
  public let spectra: [Spectrum]
  private let decompositions: [FactorDecomposition]

  /// Decomposes the factors of every module, thin QR and a small SVD in double precision.
  ///
  /// - Throws: `AdapterError.notFinite`, `LinearAlgebraError`, and what reading the factors throws.
  public init(_ adapter: StoredAdapter) throws {
    self.adapter = adapter
    let modules = adapter.modules
    decompositions = try concurrentMap(modules.count) { try FactorDecomposition(modules[$0]) }
    spectra = decompositions.map(\.spectrum)
  }

  /// The adapter with the first components of each module kept, and what is certain about it.
  ///
  /// A module that keeps its stored rank, or all that its rank can hold, stays byte for byte; one that keeps nothing is
  /// left out.
  ///
  /// - Parameter ranks: as a ``RankPolicy`` gives them.
  /// - Throws: `CompressionError.nothingKept`, and what reading the factors throws.
  public func keeping(_ ranks: [Int]) throws -> (draft: AdapterDraft, certificate: Certificate) {
    precondition(ranks.count == spectra.count, "\(ranks.count) ranks for \(spectra.count) modules")
    guard ranks.contains(where: { $0 > 0 }) else {
      throw CompressionError.nothingKept(
        largest: spectra.compactMap(\.values.first).max() ?? 0, modules: spectra.count)
    }
    let (modules, decompositions) = (adapter.modules, decompositions)
    let cuts = try concurrentMap(modules.count) { index in
      try ModuleCut(modules[index], decompositions[index], keeping: ranks[index])
    }
    return (
      AdapterDraft(adapter, replacing: cuts.compactMap(\.module)),
      Certificate(
        modules: zip(modules, zip(spectra, cuts)).map { module, pair in
          Certificate.Module(
            path: module.path, rankBefore: module.rank, rankAfter: pair.1.module?.rank ?? 0,
            parametersPerRank: module.parametersPerRank, energy: pair.0.energy,
            discardedEnergy: pair.1.discardedEnergy, rounding: pair.1.rounding)
        })
    )
  }
}

/// Why an adapter cannot be compressed as wished.
public enum CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No component of any module would be left.
  case nothingKept(largest: Double, modules: Int)

  /// One sentence.
  public var description: String {
    switch self {
    case .nothingKept(let largest, let modules):
      """
      nothing of the \(modules) modules would be kept, and an adapter needs a rank of at least 1; their largest \
      singular value is \(largest)
      """
    }
  }
}
