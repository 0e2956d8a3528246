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
  private let decompositions: [any ModuleDecomposition]
  private let isCalibrated: Bool
  /// What components are weighed by; nil for their size, or their effect on outputs.
  public let importance: ComponentImportance?

  /// Decomposes the factors of every module, thin QR and a small SVD in double precision.
  ///
  /// - Throws: `AdapterError.notFinite`, `LinearAlgebraError`, and what reading the factors throws.
  public init(_ adapter: StoredAdapter) throws {
    self.adapter = adapter
    let modules = adapter.modules
    decompositions = try concurrentMap(modules.count, "decomposing updates") {
      try FactorDecomposition(modules[$0])
    }
    spectra = decompositions.map(\.spectrum)
    isCalibrated = false
    importance = nil
  }

  /// Decomposes what every module makes of its inputs, so that policies weigh components by their effect on outputs.
  ///
  /// What is kept of a module minimises `‖(ΔW − ΔW') C^½‖_F` for its rank, C being the second moment of its inputs.
  /// - Throws: as `init(_:)`, and `CompressionError.notCalibrated` where a module was never used.
  public init(_ adapter: StoredAdapter, calibratedBy calibration: Calibration) throws {
    self.adapter = adapter
    let modules = adapter.modules
    decompositions = try concurrentMap(modules.count, "decomposing updates") { index in
      guard let moment = calibration.moment(of: modules[index].path) else {
        throw CompressionError.notCalibrated(module: modules[index].path)
      }
      return try CalibratedDecomposition(modules[index], moment: moment)
    }
    spectra = decompositions.map(\.spectrum)
    isCalibrated = true
    importance = nil
  }

  /// Decomposes the factors of every module, and orders components by what the loss says of them.
  ///
  /// Policies then see the root of each component's importance in the place of its singular value, so that a share of the
  /// energy is a share of the importance.
  /// - Throws: as `init(_:)`, and `CompressionError.notCalibrated` where a module was never used.
  public init(_ adapter: StoredAdapter, weighedBy importance: ComponentImportance) throws {
    self.adapter = adapter
    let modules = adapter.modules
    decompositions = try concurrentMap(modules.count, "decomposing updates") { index in
      guard let scores = importance.scores(of: modules[index].path) else {
        throw CompressionError.notCalibrated(module: modules[index].path)
      }
      return ImportanceDecomposition(try FactorDecomposition(modules[index]), scores: scores)
    }
    spectra = decompositions.map(\.spectrum)
    isCalibrated = false
    self.importance = importance
  }

  /// The adapter with the first components of each module kept, and what is certain about it.
  ///
  /// A module that keeps its stored rank, or all that its rank can hold, stays byte for byte; one that keeps nothing is
  /// left out. One with DoRA's magnitudes keeps a rank of at least 1, whatever is given.
  ///
  /// - Parameter ranks: as a ``RankPolicy`` gives them.
  /// - Throws: `CompressionError.nothingKept`, and what reading the factors throws.
  public func keeping(_ ranks: [Int]) throws -> (draft: EditableAdapter, certificate: Certificate) {
    precondition(ranks.count == spectra.count, "\(ranks.count) ranks for \(spectra.count) modules")
    guard ranks.contains(where: { $0 > 0 }) else {
      throw CompressionError.nothingKept(
        largest: spectra.compactMap(\.values.first).max() ?? 0, modules: spectra.count)
    }
    let (modules, decompositions, isCalibrated) = (adapter.modules, decompositions, isCalibrated)
    let cuts = try concurrentMap(modules.count, "cutting modules") { index in
      try ModuleCut(
        modules[index], decompositions[index], keeping: max(ranks[index], modules[index].leastRank))
    }
    return (
      EditableAdapter(adapter, replacing: cuts.compactMap(\.module)),
      Certificate(
        modules: modules.indices.map { index in
          let (module, cut) = (modules[index], cuts[index])
          return Certificate.Module(
            path: module.path, rankBefore: module.rank, rankAfter: cut.module?.rank ?? 0,
            hasMagnitudes: module.magnitude != nil,
            parametersPerRank: module.parametersPerRank, energy: decompositions[index].energy,
            discardedEnergy: cut.discardedEnergy, rounding: cut.rounding,
            outputEnergy: isCalibrated ? spectra[index].energy : nil,
            discardedOutputEnergy: isCalibrated ? cut.outputEnergy : nil)
        })
    )
  }
}
