import LowRankAdapters
import LowRankTensors

/// A module's update taken apart into components, of which the first can be kept.
protocol ModuleDecomposition: Sendable {
  /// What policies judge components by, with the module's path.
  var spectrum: Spectrum { get }
  /// ‖s·BA‖_F².
  var energy: Double { get }
  /// The update of the first components.
  ///
  /// - Throws: what reading the factors throws.
  func truncated(_ module: StoredModule, to rank: Int) throws -> TruncatedUpdate
}

/// Balanced factors of a part of an update, under the scale it had.
struct TruncatedUpdate: Sendable {
  /// B', `[outputs, rank]`.
  let up: HostMatrix<Double>
  /// A', `[rank, inputs]`.
  let down: HostMatrix<Double>
  /// The largest singular value of B'A'.
  let largest: Double
  /// ‖s·BA − s·B'A'‖_F².
  let discardedEnergy: Double
}
