import LowRankTensors

/// CorDA: `s·B A` are singular components of W as its inputs see it, which are then subtracted by a frozen copy.
///
/// With C the second moment of the inputs, each sequence divided by its largest number, `C_δ = C + δ·mean(diag C)·I` and
/// `W C_δ = U Σ Vᵀ`: `W = U Σ Vᵀ C_δ⁻¹`. In instruction mode the r largest components are trained, in knowledge mode the r
/// smallest. δ is 0.01, and doubled while `‖C_δ C_δ⁻¹ − I‖ ≥ 0.05`, which four products estimate. Yang et al., arXiv 2406.05223.
public struct CorDAStart: Initialization {
  /// Which components are trained.
  public enum Mode: String, Sendable, CaseIterable {
    /// The largest, which serve the data (instruction-previewed).
    case instruction = "ipm"
    /// The smallest, so that what the data show stays (knowledge-preserved).
    case knowledge = "kpm"
  }

  /// Which components are trained.
  public let mode: Mode
  /// The batches over which inputs are read.
  public let batches: Int

  /// The context-oriented directions of the weight.
  public init(mode: Mode = .instruction, batches: Int = 8) {
    (self.mode, self.batches) = (mode, batches)
  }

  public var configurationValue: InitializationName { .named("corda") }
  public var isOffset: Bool { true }
  public var needs: StartNeeds {
    StartNeeds(weight: true, inputs: .scaledSequences, batches: batches)
  }

  /// - Throws: `AdapterError.invalid` where the rank is too large for the map, `StartError`, `LinearAlgebraError`.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let moments = try request.inputMoments(for: "corda")
    let weight = HostMatrix<Double>(widening: try request.decomposable(by: "corda"))
    let (damped, root) = try moments.shared.value("damped") {
      try Self.damped(moments.matrix, at: request.path)
    }
    let seen = weight.multiplied(by: damped)
    func factors(
      _ left: HostMatrix<Double>, _ values: [Double], _ right: HostMatrix<Double>
    ) -> StartingFactors {
      request.factors(left, values, Self.solve(root, right.transposed).transposed)
    }
    if mode == .instruction {
      let leading = try LeadingSingularVectors(
        request.rank, of: seen, exactBelow: 512, oversampling: 2 * request.rank, iterations: 8)
      return factors(leading.left, leading.values, leading.right)
    }
    let svd = try SingularValueDecomposition(seen)
    let range = svd.values.count - request.rank..<svd.values.count
    return factors(svd.left.columns(range), Array(svd.values[range]), svd.right.rows(range))
  }

  /// `C⁻¹ X` by `C = RᵀR`.
  private static func solve(
    _ root: CholeskyDecomposition, _ right: HostMatrix<Double>
  ) -> HostMatrix<Double> {
    root.solve(root.solve(right, transposed: true), transposed: false)
  }

  /// C_δ and its Cholesky decomposition.
  private static func damped(
    _ moments: HostMatrix<Float>, at path: String
  ) throws -> (matrix: HostMatrix<Double>, root: CholeskyDecomposition) {
    let size = moments.rows
    let matrix = HostMatrix<Double>(widening: moments)
    let mean = (0..<size).reduce(0) { $0 + matrix[$1, $1] } / Double(size)
    guard mean > 0 else { throw StartError.singular("corda", path, "its inputs are all zero") }
    // Four vectors of normal numbers estimate the norm of a matrix that is applied to them, `E‖M z‖² = ‖M‖²`.
    var random = Philox(key: 0)
    let probes = HostMatrix((0..<4 * size).map { _ in random.normal() }, rows: size, columns: 4)
    var damping = 0.01
    while damping < 1e6 {
      var sum = matrix
      for index in 0..<size { sum[index, index] += damping * mean }
      if let root = try CholeskyDecomposition(sum, precision: 0),
        sum.multiplied(by: solve(root, probes)).subtracting(probes).frobeniusNorm / 2 < 0.05
      {
        return (sum, root)
      }
      damping *= 2
    }
    throw StartError.singular("corda", path, "the second moment of its inputs has no inverse")
  }

  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "corda", title: "CorDA",
      citation: "Yang et al., \"CorDA: Context-Oriented Decomposition Adaptation of Large Language "
        + "Models\", NeurIPS 2024, arXiv 2406.05223",
      equation: "W C_δ = U Σ Vᵀ, B = U √(Σ/s), A = √(Σ/s) Vᵀ C_δ⁻¹ of the r largest or smallest Σ, "
        + "ΔW = s·(B A − B₀A₀)",
      mechanism:
        "The weight is decomposed as the inputs see it, so that what is trained, or what is "
        + "kept, serves the data.",
      useWhen: "Choose ipm, on rows of the task, for fast learning; kpm, on rows of what the model "
        + "shall not forget.",
      options: [
        .batches,
        .choice(
          "mode", default: "ipm", of: Mode.allCases.map(\.rawValue),
          "The components that are trained: the largest (ipm) or the smallest (kpm).",
          peftKey: "corda_method"),
      ], peftType: "corda", laws: Set(Law.allCases))
  ) {
    CorDAStart(
      mode: Mode(rawValue: $0.choice("mode")) ?? .instruction, batches: $0.integer("batches"))
  }
}
