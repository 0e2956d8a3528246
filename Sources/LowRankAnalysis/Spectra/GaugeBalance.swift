import LowRankAdapters
import LowRankCompression
import LowRankTensors

/// How far the factors of an update are from balance, `BᵀB = AAᵀ`.
///
/// `(B, A)` and `(B Q, Q⁻¹ A)` are the same update for any invertible Q; of these the balanced pair has the least
/// `‖A‖_F² + ‖B‖_F²`, and gradient flow conserves `BᵀB − AAᵀ`.
public struct GaugeBalance: Hashable, Sendable {
  /// ‖BᵀB − AAᵀ‖_F / (‖BᵀB‖_F + ‖AAᵀ‖_F): 0 in balance, 1 where one factor is nothing beside the other.
  public let imbalance: Double
  /// ‖A‖_F.
  public let downNorm: Double
  /// ‖B‖_F.
  public let upNorm: Double
  /// (‖A‖_F² + ‖B‖_F²)/2 over ‖BA‖_*, which is the least it could be: 1 in balance.
  public let excess: Double

  /// The balance of a module's factors.
  ///
  /// - Throws: `AdapterError.notFinite`, `LinearAlgebraError`, and what reading the factors throws.
  public init(_ module: StoredModule) throws {
    let (up, down) = (try module.upMatrix(), try module.downMatrix())
    let ups = up.transposed.multiplied(by: up)
    let downs = down.multiplied(by: down.transposed)
    let difference = ups.subtracting(downs)
    let sum = ups.frobeniusNorm + downs.frobeniusNorm
    imbalance = sum > 0 ? difference.frobeniusNorm / sum : 0
    (downNorm, upNorm) = (down.frobeniusNorm, up.frobeniusNorm)
    let nuclear = try UpdateDecomposition(path: module.path, up: up, down: down).values
      .reduce(0, +)
    excess = nuclear > 0 ? (downNorm * downNorm + upNorm * upNorm) / 2 / nuclear : 1
  }
}
