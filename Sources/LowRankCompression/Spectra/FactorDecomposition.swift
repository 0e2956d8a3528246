import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors

/// The singular value decomposition of a module's update from its thin factors, in double precision.
///
/// With `B = Q_B R_B` and `Aᵀ = Q_A R_A`, and the small `R_B R_Aᵀ = U Σ Vᵀ`, the update `B A = (Q_B U) Σ (Q_A V)ᵀ`. The
/// orthonormal factors are never formed: since `R_B⁻¹ U Σ = R_Aᵀ V`, the balanced factors of the first k components are
/// products of the stored ones with small matrices,
/// `B' = B (R_Aᵀ V_k Σ_k^{-1/2})` and `A' = (Σ_k^{-1/2} U_kᵀ R_B) A`.
struct FactorDecomposition: ModuleDecomposition {
  /// |s|·σ with the module's path.
  let spectrum: Spectrum
  /// σ of BA, without the scale.
  let values: [Double]
  /// `R_Aᵀ V`, `[stored rank, components]`.
  let upMap: HostMatrix<Double>
  /// `Uᵀ R_B`, `[components, stored rank]`.
  let downMap: HostMatrix<Double>

  /// Decomposes the factors of a module.
  ///
  /// - Throws: `AdapterError.notFinite`, `LinearAlgebraError`, and what reading the factors throws.
  init(_ module: StoredModule) throws {
    let up = try TriangularFactor(of: module.up.floatMatrix(), transposed: false).r
    let down = try TriangularFactor(of: module.down.floatMatrix(), transposed: true).r
    let core = try SingularValueDecomposition(up.multiplied(by: down.transposed))
    values = core.values
    upMap = down.transposed.multiplied(by: core.right.transposed)
    downMap = core.left.transposed.multiplied(by: up)
    spectrum = Spectrum(
      path: module.path, values: core.values.map { abs(module.scale) * $0 },
      parametersPerRank: module.parametersPerRank, isEmbedding: module.kind == .embedding,
      leastRank: module.leastRank)
  }

  var energy: Double { spectrum.energy }

  func truncated(_ module: StoredModule, to rank: Int) throws -> TruncatedUpdate {
    TruncatedUpdate(
      up: try module.up.floatMatrix().multiplied(by: upMap(keeping: rank)),
      down: downMap(keeping: rank).multiplied(by: try module.down.floatMatrix()),
      largest: values.first ?? 0, discardedEnergy: spectrum.discardedEnergy(keeping: rank))
  }

  /// What the stored B is multiplied by from the right, `[stored rank, rank]`.
  private func upMap(keeping rank: Int) -> HostMatrix<Double> {
    var map = upMap.columns(0..<rank)
    for column in 0..<rank {
      let inverse = 1 / values[column].squareRoot()
      for row in 0..<map.rows { map[row, column] *= inverse }
    }
    return map
  }

  /// What the stored A is multiplied by from the left, `[rank, stored rank]`.
  private func downMap(keeping rank: Int) -> HostMatrix<Double> {
    var map = downMap.rows(0..<rank)
    for row in 0..<rank {
      let inverse = 1 / values[row].squareRoot()
      for column in 0..<map.columns { map[row, column] *= inverse }
    }
    return map
  }
}
