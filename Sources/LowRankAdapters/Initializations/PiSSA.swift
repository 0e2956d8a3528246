import LowRankTensors

/// PiSSA: `s·B A` is the best approximation of W of its rank, which is then subtracted by a frozen copy.
///
/// `W = U Σ Vᵀ`, `B = U_r √(Σ_r/s)`, `A = √(Σ_r/s) V_rᵀ`. The singular value decomposition is LAPACK's in double
/// precision, or a randomised one with some power iterations. Meng, Wang and Zhang, arXiv 2404.02948.
public struct PiSSAStart: Initialization {
  /// The power iterations of the randomised decomposition; 0 for an exact one.
  public let iterations: Int

  /// The principal directions of the weight.
  public init(iterations: Int = 0) { self.iterations = iterations }

  public var configurationValue: InitializationName {
    .named(iterations == 0 ? "pissa" : "pissa_niter_\(iterations)")
  }
  public var isOffset: Bool { true }
  public var needs: StartNeeds { StartNeeds(weight: true) }

  /// - Throws: `AdapterError.invalid` where the rank is too large for the map, `LinearAlgebraError`.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let (weight, rank) = (try request.decomposable(by: "pissa"), request.rank)
    guard iterations == 0 else {
      var random = request.random
      let svd = try LeadingSingularVectors(
        rank, of: weight, exactBelow: 0, iterations: iterations, seed: random.next())
      return request.factors(svd.left, svd.values, svd.right)
    }
    let svd = try SingularValueDecomposition(HostMatrix<Double>(widening: weight))
    return request.factors(
      svd.left.columns(0..<rank), Array(svd.values.prefix(rank)), svd.right.rows(0..<rank))
  }

  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "pissa", title: "PiSSA",
      citation: "Meng, Wang and Zhang, \"PiSSA: Principal Singular Values and Singular Vectors "
        + "Adaptation\", NeurIPS 2024, arXiv 2404.02948",
      equation: "W = U Σ Vᵀ, B = U_r √(Σ_r/s), A = √(Σ_r/s) V_rᵀ, ΔW = s·(B A − B₀A₀)",
      mechanism: "The largest directions of W are trained, so the first steps are large.",
      useWhen: "Choose it for fast convergence, at a lower learning rate than with kaiming.",
      options: [
        .integer(
          "niter", default: 0, in: 0...64,
          "Power iterations of a fast randomised decomposition; 0 for an exact one.",
          peftKey: "pissa_niter_N")
      ], peftType: "pissa", laws: Set(Law.allCases))
  ) { PiSSAStart(iterations: $0.integer("niter")) }
}
