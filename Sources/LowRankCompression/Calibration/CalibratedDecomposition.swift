import LowRankAdapters
import LowRankTensors

/// A module's update taken apart by what it does to its inputs: optimal truncation for their covariance.
///
/// With C the second moment of the inputs and `S = A C Aᵀ`, the singular values of `s·B S^½` are those of `ΔW C^½`. Keeping
/// its first k left singular vectors U_k gives `ΔW' = U_k U_kᵀ ΔW`, which minimises `‖(ΔW − ΔW') C^½‖_F` over all updates of
/// rank k (Eckart and Young, in the coordinates where inputs are white). Only the small S of the inputs is needed.
struct CalibratedDecomposition: ModuleDecomposition {
  let spectrum: Spectrum
  let energy: Double
  /// The left singular vectors, `[outputs, rank]`.
  private let left: HostMatrix<Double>
  /// What the stored A is multiplied by from the left, `UᵀB`.
  private let coordinates: HostMatrix<Double>

  /// - Parameter moment: S, `[rank, rank]`.
  init(_ module: StoredModule, moment: HostMatrix<Double>) throws {
    let up = try QRDecomposition(module.upMatrix())
    let eigen = try SymmetricEigenDecomposition(moment)
    var root = eigen.vectors
    for column in 0..<root.columns {
      let value = max(0, eigen.values[column]).squareRoot()
      for row in 0..<root.rows { root[row, column] *= value }
    }
    let core = try SingularValueDecomposition(up.r.multiplied(by: root))
    left = up.q.multiplied(by: core.left)
    coordinates = core.left.transposed.multiplied(by: up.r)
    spectrum = Spectrum(
      path: module.path, values: core.values.map { abs(module.scale) * $0 },
      parametersPerRank: module.parametersPerRank, isEmbedding: module.kind == .embedding,
      leastRank: module.leastRank)
    energy = try UpdateDecomposition(module).energy
  }

  func truncated(_ module: StoredModule, to rank: Int) throws -> TruncatedUpdate {
    let kept = try UpdateDecomposition(
      path: module.path, up: left.columns(0..<rank),
      down: coordinates.rows(0..<rank).multiplied(by: module.downMatrix()))
    let (up, down) = kept.balancedFactors
    // U_k U_kᵀ is an orthogonal projection, so what is kept and what is cut off add up.
    let rest = kept.energy * module.scale * module.scale
    return TruncatedUpdate(
      up: up, down: down, largest: kept.values.first ?? 0, discardedEnergy: max(0, energy - rest))
  }
}
