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
  }

  /// The adapter with the first components of each module kept, and what is certain about it.
  ///
  /// A module that keeps its stored rank, or all that its rank can hold, stays byte for byte; one that keeps nothing is
  /// left out.
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
      try ModuleCut(modules[index], decompositions[index], keeping: ranks[index])
    }
    return (
      EditableAdapter(adapter, replacing: cuts.compactMap(\.module)),
      Certificate(
        modules: modules.indices.map { index in
          let (module, cut) = (modules[index], cuts[index])
          return Certificate.Module(
            path: module.path, rankBefore: module.rank, rankAfter: cut.module?.rank ?? 0,
            parametersPerRank: module.parametersPerRank, energy: decompositions[index].energy,
            discardedEnergy: cut.discardedEnergy, rounding: cut.rounding,
            outputEnergy: isCalibrated ? spectra[index].energy : nil,
            discardedOutputEnergy: isCalibrated ? cut.outputEnergy : nil)
        })
    )
  }
}

/// Why an adapter cannot be compressed as wished.
public enum CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No component of any module would be left.
  case nothingKept(largest: Double, modules: Int)
  /// The calibration has nothing of a module.
  case notCalibrated(module: String)

  /// One sentence.
  public var description: String {
    switch self {
    case .nothingKept(let largest, let modules):
      """
      nothing of the \(modules) modules would be kept, and an adapter needs a rank of at least 1; their largest \
      singular value is \(String(format: "%.4g", largest))
      """
    case .notCalibrated(let module):
      "the calibration data never reached \(module): it has no row, or the base lacks the module"
    }
  }
}
