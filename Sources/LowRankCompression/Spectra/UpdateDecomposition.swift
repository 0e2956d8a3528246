import LowRankAdapters
import LowRankTensors

/// The thin singular value decomposition of a module's scaled update, `s·B A = U Σ Vᵀ`, with its vectors.
///
/// Computed from the factors alone, `B = Q_B R_B`, `Aᵀ = Q_A R_A`, `s·R_B R_Aᵀ = U' Σ V'ᵀ`, in double precision.
public struct UpdateDecomposition: Sendable {
  /// The checkpoint path of the module.
  public let path: String
  /// U, orthonormal columns, `[outputs, rank]`.
  public let left: HostMatrix<Double>
  /// σ, largest first, s included.
  public let values: [Double]
  /// Vᵀ, orthonormal rows, `[rank, inputs]`.
  public let right: HostMatrix<Double>

  /// Decomposes the update of a module.
  ///
  /// - Throws: `AdapterError.notFinite`, `LinearAlgebraError`, and what reading the factors throws.
  public init(_ module: StoredModule) throws {
    try self.init(
      path: module.path, up: module.upMatrix(), down: module.downMatrix(), scale: module.scale)
  }

  /// Decomposes `scale · up · down`, up being `[outputs, rank]` and down `[rank, inputs]`.
  ///
  /// - Throws: `LinearAlgebraError` where a number is not finite.
  public init(
    path: String, up: HostMatrix<Double>, down: HostMatrix<Double>, scale: Double = 1
  ) throws(LinearAlgebraError) {
    let (b, a) = (try QRDecomposition(up), try QRDecomposition(down.transposed))
    let core = b.r.multiplied(by: a.r.transposed).scaled(by: scale)
    let svd = try SingularValueDecomposition(core)
    self.path = path
    left = b.q.multiplied(by: svd.left)
    values = svd.values
    right = svd.right.multiplied(by: a.q.transposed)
  }

  /// Σσ², the squared Frobenius norm.
  public var energy: Double { values.reduce(0) { $0 + $1 * $1 } }

  /// The singular values that are not rounding errors: above 1e-12 of the largest.
  public var sizedValues: [Double] {
    let least = 1e-12 * (values.first ?? 0)
    return Array(values.prefix { $0 > least })
  }

  package init(
    path: String, left: HostMatrix<Double>, values: [Double], right: HostMatrix<Double>
  ) {
    (self.path, self.left, self.values, self.right) = (path, left, values, right)
  }

  /// The first components.
  public func truncated(to rank: Int) -> UpdateDecomposition {
    let rank = min(rank, values.count)
    return UpdateDecomposition(
      path: path, left: left.columns(0..<rank), values: Array(values.prefix(rank)),
      right: right.rows(0..<rank))
  }

  /// The balanced factors `B = U √Σ` and `A = √Σ Vᵀ`, their scale 1.
  public var balancedFactors: (up: HostMatrix<Double>, down: HostMatrix<Double>) {
    LowRankCompression.balancedFactors(left, values, right)
  }
}
