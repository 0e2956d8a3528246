import LowRankTensors

/// The leading directions of the gradient, whitened on both sides; the start is subtracted again by a frozen copy.
///
/// With `C_x = E[xxᵀ]` of the inputs, `C_δ = E[δδᵀ]` of the gradients of the outputs, both shrunk as Ledoit and Wolf do, and
/// G the gradient of W: `C_δ^{−½} G C_x^{−½} = U Σ Vᵀ`, `B = c_B C_δ^{−½} U_r`, `A = c_A V_rᵀ C_x^{−½}`. A natural gradient with a
/// Kronecker-factored metric goes along B A. c_A and c_B make the mean squared length of the r directions 1/γ.
public struct CovarianceStart: Initialization {
  /// γ.
  public let gamma: Double
  /// The batches over which statistics are taken.
  public let batches: Int

  /// The directions of the natural gradient.
  public init(gamma: Double = 16, batches: Int = 8) {
    (self.gamma, self.batches) = (gamma, batches)
  }

  public var configurationValue: InitializationName { .named("covariance") }
  public var isOffset: Bool { true }
  public var needs: StartNeeds {
    StartNeeds(inputs: .allRows, outputGradients: true, gradient: true, batches: batches)
  }

  /// - Throws: `AdapterError.invalid` where the rank is too large for the map, `StartError`, `LinearAlgebraError`.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let gradient = try request.weightGradient(for: "covariance")
    try request.requireRank(
      atMost: min(request.outputs, request.inputs), "the smaller extent of the map",
      for: "covariance")
    let inputs = try request.inputMoments(for: "covariance")
    let reading = try inputs.shared.value("whitening") {
      try Self.whitening(inputs, of: "inputs", at: request.path)
    }
    let writing = try Self.whitening(
      request.outputMoments(for: "covariance"), of: "gradients", at: request.path)
    // R⁻ᵀ whitens as C^{−½} does, up to an orthogonal matrix that cancels in B and A.
    let whitened = reading.solve(
      writing.solve(gradient, transposed: true).transposed, transposed: true
    ).transposed
    let svd = try LeadingSingularVectors(
      request.rank, of: whitened, exactBelow: 512, oversampling: 2 * request.rank, iterations: 8)
    func scaled(_ matrix: HostMatrix<Double>) -> [Float] {
      let factor = (Double(request.rank) / gamma).squareRoot() / matrix.frobeniusNorm
      return matrix.elements.map { Float(factor * $0) }
    }
    return StartingFactors(
      down: scaled(reading.solve(svd.right.transposed, transposed: false).transposed),
      up: scaled(writing.solve(svd.left, transposed: false)))
  }

  private static func whitening(
    _ moments: SecondMoments, of what: String, at path: String
  ) throws -> CholeskyDecomposition {
    let (matrix, share) = moments.shrunk
    guard let root = try CholeskyDecomposition(matrix) else {
      throw StartError.singular(
        "covariance", path,
        "the covariance of its \(what) is singular, though \(Int((100 * share).rounded())) % of it "
          + "are shrunk")
    }
    return root
  }

  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "covariance", title: "Whitened gradient",
      citation: "after Martens and Grosse, \"Optimizing Neural Networks with Kronecker-factored "
        + "Approximate Curvature\", ICML 2015, arXiv 1503.05671; shrinkage: Ledoit and Wolf, Journal of "
        + "Multivariate Analysis 88(2), 2004",
      equation: "C_δ^{−½} (∂L/∂W) C_x^{−½} = U Σ Vᵀ, B = c_B C_δ^{−½} U_r, A = c_A V_rᵀ C_x^{−½}, "
        + "ΔW = s·(B A − B₀A₀)",
      mechanism:
        "The dependencies among inputs and among outputs are taken out of the gradient, so "
        + "that its large directions are large for the loss.",
      useWhen:
        "Choose it where inputs are strongly correlated; it takes a Cholesky decomposition of m × m "
        + "and of n × n for every module.",
      options: [
        .batches,
        .number(
          "gamma", default: 16, in: 1e-6..<Double.infinity,
          "γ: the mean squared length of the starting directions is 1/γ."),
      ], laws: Set(Law.allCases))
  ) { CovarianceStart(gamma: $0.number("gamma"), batches: $0.integer("batches")) }
}
