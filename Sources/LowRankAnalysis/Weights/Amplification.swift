import LowRankCompression
import LowRankTensors

/// How strongly an update amplifies directions that the weight itself does not emphasise: the LoRA paper's Table 7.
///
/// For the leading r singular directions U, V of ΔW, of W and of random matrices, `‖Uᵀ W V‖_F` says how much of W lies in
/// them; the amplification factor is `‖ΔW‖_F / ‖Uᵀ W V‖_F` with ΔW's own. LoRA, arXiv 2106.09685, section 7.3.
public struct Amplification: Hashable, Sendable {
  /// r.
  public let rank: Int
  /// ‖UᵀWV‖_F with U and V of ΔW.
  public let inUpdate: Double
  /// ‖UᵀWV‖_F with U and V of W, which is the norm of its r largest singular values.
  public let inWeight: Double
  /// ‖UᵀWV‖_F with random orthonormal U and V.
  public let inRandom: Double
  /// ‖W‖_F.
  public let weightNorm: Double
  /// ‖ΔW‖_F of the leading r directions.
  public let updateNorm: Double

  /// ‖ΔW‖_F / ‖UᵀWV‖_F.
  public var factor: Double { inUpdate > 0 ? updateNorm / inUpdate : .infinity }

  /// Measures an update against its weight, `[outputs, inputs]`.
  ///
  /// - Parameters:
  ///   - rank: how many directions of ΔW are looked at; nil for all.
  ///   - seed: the seed of the random directions.
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  public init(
    of update: UpdateDecomposition, in weight: HostMatrix<Double>, rank: Int? = nil,
    seed: UInt64 = 0
  ) throws(LinearAlgebraError) {
    let rank = min(rank ?? .max, update.values.count)
    self.rank = rank
    func norm(_ left: HostMatrix<Double>, _ right: HostMatrix<Double>) -> Double {
      left.transposed.multiplied(by: weight).multiplied(by: right).frobeniusNorm
    }
    inUpdate = norm(update.left.columns(0..<rank), update.right.rows(0..<rank).transposed)
    inWeight =
      HostMatrix(
        try LeadingSingularVectors(rank, of: weight).values, rows: 1, columns: rank
      ).frobeniusNorm
    var random = Philox(key: seed)
    func orthonormal(_ rows: Int) throws(LinearAlgebraError) -> HostMatrix<Double> {
      let numbers = (0..<rows * rank).map { _ in random.normal() }
      return try QRDecomposition(HostMatrix(numbers, rows: rows, columns: rank)).q
    }
    inRandom = norm(try orthonormal(weight.rows), try orthonormal(weight.columns))
    weightNorm = weight.frobeniusNorm
    updateNorm = SpectrumSummary(Array(update.values.prefix(rank))).frobenius
  }
}
