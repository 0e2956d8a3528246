import LowRankTensors

/// Factors whose product does to a layer's inputs what another map does: `min ½ E ‖y − B A x‖² + ½ λ ‖B A‖²`.
///
/// It needs the second moments alone, `C = E x xᵀ` and `K = E y xᵀ`: of a teacher's layer with the weight W + ΔW the target
/// is `y = ΔW x` and `K = ΔW C`. With one factor fixed the other has a closed form (``alternating(sweeps:from:)``), and
/// the best pair of a rank follows from one decomposition, reduced-rank regression (``optimum(rank:)``).
public struct LayerDistillation: Sendable {
  /// `C + λI`, `[inputs, inputs]`.
  public let inputs: HostMatrix<Double>
  /// K, `[outputs, inputs]`.
  public let cross: HostMatrix<Double>
  /// `E ‖y‖²`.
  public let energy: Double

  /// The problem of some moments.
  ///
  /// - Parameters:
  ///   - inputs: C.
  ///   - cross: K.
  ///   - energy: `E ‖y‖²`.
  ///   - damping: λ, without which C has to have an inverse.
  public init(
    inputs: HostMatrix<Double>, cross: HostMatrix<Double>, energy: Double, damping: Double = 0
  ) {
    precondition(
      inputs.rows == inputs.columns && cross.columns == inputs.rows,
      "moments of \(inputs.rows) × \(inputs.columns) and \(cross.rows) × \(cross.columns)")
    var damped = inputs
    for index in 0..<inputs.rows { damped[index, index] += damping }
    (self.inputs, self.cross, self.energy) = (damped, cross, energy)
  }

  /// The problem of a map that is to be imitated on inputs of the given moments, `y = ΔW x`.
  ///
  /// - Parameters:
  ///   - delta: ΔW, `[outputs, inputs]`.
  ///   - inputs: C.
  ///   - damping: λ.
  public init(imitating delta: HostMatrix<Double>, inputs: HostMatrix<Double>, damping: Double = 0)
  {
    let cross = delta.multiplied(by: inputs)
    self.init(
      inputs: inputs, cross: cross,
      energy: zip(cross.elements, delta.elements).reduce(0) { $0 + $1.0 * $1.1 },
      damping: damping)
  }

  /// A pair of factors.
  public struct Factors: Sendable {
    /// A, `[rank, inputs]`.
    public var down: HostMatrix<Double>
    /// B, `[outputs, rank]`.
    public var up: HostMatrix<Double>

    /// A pair.
    public init(down: HostMatrix<Double>, up: HostMatrix<Double>) {
      (self.down, self.up) = (down, up)
    }
  }

  /// `½ E ‖y − B A x‖² + ½ λ ‖B A‖²`.
  public func loss(_ factors: Factors) -> Double {
    let product = factors.up.multiplied(by: factors.down)
    let image = product.multiplied(by: inputs)
    var sum = energy
    for index in product.elements.indices {
      sum += product.elements[index] * (image.elements[index] - 2 * cross.elements[index])
    }
    return 0.5 * sum
  }

  /// B that is best for an A: `K Aᵀ (A C Aᵀ)⁻¹`.
  ///
  /// - Throws: `LinearAlgebraError` where the rows of A are dependent.
  public func up(for down: HostMatrix<Double>) throws(LinearAlgebraError) -> HostMatrix<Double> {
    let gram = down.multiplied(by: inputs).multiplied(by: down.transposed)
    return try gram.solve(cross.multiplied(by: down.transposed).transposed).transposed
  }

  /// A that is best for a B: `(BᵀB)⁻¹ Bᵀ K C⁻¹`.
  ///
  /// - Throws: `LinearAlgebraError` where the columns of B are dependent, or C has no inverse.
  public func down(for up: HostMatrix<Double>) throws(LinearAlgebraError) -> HostMatrix<Double> {
    let gram = up.transposed.multiplied(by: up)
    let projected = try gram.solve(up.transposed.multiplied(by: cross))
    return try inputs.solve(projected.transposed).transposed
  }

  /// Alternating least squares: B, then A, each in its closed form, some times over.
  ///
  /// - Returns: the factors after the last sweep, and the loss after each.
  /// - Throws: `LinearAlgebraError`.
  public func alternating(
    sweeps: Int, from start: Factors
  ) throws(LinearAlgebraError) -> (factors: Factors, losses: [Double]) {
    var (factors, losses) = (start, [Double]())
    for _ in 0..<sweeps {
      factors.up = try up(for: factors.down)
      factors.down = try down(for: factors.up)
      losses.append(loss(factors))
    }
    return (factors, losses)
  }

  /// The best factors of a rank: `B A = [K C^(−1/2)]_r C^(−1/2)`, reduced-rank regression.
  ///
  /// - Throws: `LinearAlgebraError` where C has no inverse.
  public func optimum(rank: Int) throws(LinearAlgebraError) -> Factors {
    let eigen = try SymmetricEigenDecomposition(inputs)
    guard let least = eigen.values.last, least > 0 else { throw .singular(size: inputs.rows) }
    var scaled = eigen.vectors
    for (column, value) in eigen.values.enumerated() {
      for row in 0..<scaled.rows { scaled[row, column] /= value.squareRoot() }
    }
    let whitening = scaled.multiplied(by: eigen.vectors.transposed)
    let svd = try SingularValueDecomposition(cross.multiplied(by: whitening))
    let count = min(rank, svd.values.count)
    var up = svd.left.columns(0..<count)
    for (column, value) in svd.values.prefix(count).enumerated() {
      for row in 0..<up.rows { up[row, column] *= value }
    }
    return Factors(down: svd.right.rows(0..<count).multiplied(by: whitening), up: up)
  }
}
