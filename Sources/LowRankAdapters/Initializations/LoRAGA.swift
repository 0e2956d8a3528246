import LowRankTensors

/// LoRA-GA: the first step of LoRA goes where the first step of full fine-tuning goes; the start is subtracted again.
///
/// With G the gradient of W, `G = U Σ Vᵀ`: A takes r of the first 2r right singular vectors and B the other left ones. B is
/// multiplied by its singular values and by `m^¼ / √γ`, as in PEFT; with the scale `paper` both factors are unit vectors
/// times `m^¼ / √γ`. Wang et al., arXiv 2407.05000.
public struct LoRAGAStart: Initialization {
  /// Which of the first 2r directions go to A and to B.
  public enum Direction: String, Sendable, CaseIterable {
    /// A the first r, B the second r.
    case firstToA = "ArB2r"
    /// A the second r, B the first r.
    case firstToB = "A2rBr"
    /// B those at even places, A those at odd ones.
    case alternating = "ArBr"
  }

  /// How the factors are scaled.
  public enum Scaling: String, Sendable, CaseIterable {
    /// B by its singular values and `m^¼ / √γ`.
    case stable
    /// Both factors, of unit vectors, by `m^¼ / √γ`.
    case paper
    /// B by its singular values, so that the largest becomes that of W.
    case weight = "weight_svd"
    /// B by its singular values, and both factors by 1/s.
    case step = "gd_scale"
    /// B by its singular values alone.
    case unit
  }

  /// Which directions go where.
  public let direction: Direction
  /// How the factors are scaled.
  public let scaling: Scaling
  /// γ.
  public let gamma: Double
  /// The batches over which the gradient is taken.
  public let batches: Int

  /// The directions of the gradient.
  public init(
    direction: Direction = .firstToA, scaling: Scaling = .stable, gamma: Double = 16,
    batches: Int = 8
  ) {
    (self.direction, self.scaling, self.gamma) = (direction, scaling, gamma)
    self.batches = batches
  }

  public var configurationValue: InitializationName { .named("lora-ga") }
  public var isOffset: Bool { true }
  public var needs: StartNeeds {
    StartNeeds(weight: scaling == .weight, gradient: true, batches: batches)
  }

  /// - Throws: `AdapterError.invalid` where the rank is too large for the map, `StartError`, `LinearAlgebraError`.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let gradient = try request.weightGradient(for: "lora-ga")
    let rank = request.rank
    try request.requireRank(
      atMost: min(request.outputs, request.inputs) / 2, "half of the smaller extent of the map",
      for: "lora-ga")
    let svd = try LeadingSingularVectors(
      2 * rank, of: gradient, exactBelow: 512, oversampling: 2 * rank, iterations: 8)
    let (forDown, forUp) = places(rank)
    let stable = Double(request.outputs).squareRoot().squareRoot() / gamma.squareRoot()
    var (downScale, upScale) = (1.0, 1.0)
    switch scaling {
    case .stable: upScale = stable
    case .paper: (downScale, upScale) = (stable, stable)
    case .step: (downScale, upScale) = (1 / Double(request.scale), 1 / Double(request.scale))
    case .unit: break
    case .weight:
      let weight = try request.decomposable(by: "lora-ga")
      let largest = try LeadingSingularVectors(1, of: weight, iterations: 16).values[0]
      let own = svd.values[forUp[0]]
      upScale = own > 0 ? Double(largest) / own : 1
    }
    let values = forUp.map { scaling == .paper ? 1 : svd.values[$0] }
    return StartingFactors(
      down: forDown.flatMap { row in
        (0..<request.inputs).map { Float(downScale * svd.right[row, $0]) }
      },
      up: (0..<request.outputs).flatMap { row in
        zip(forUp, values).map { Float(upScale * $1 * svd.left[row, $0]) }
      })
  }

  /// The places, among the first 2r directions, of those of A and of B.
  private func places(_ rank: Int) -> (down: [Int], up: [Int]) {
    switch direction {
    case .firstToA: (Array(0..<rank), Array(rank..<2 * rank))
    case .firstToB: (Array(rank..<2 * rank), Array(0..<rank))
    case .alternating: ((0..<rank).map { 2 * $0 + 1 }, (0..<rank).map { 2 * $0 })
    }
  }

  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "lora-ga", title: "LoRA-GA",
      citation: "Wang, Yu and Li, \"LoRA-GA: Low-Rank Adaptation with Gradient Approximation\", "
        + "NeurIPS 2024, arXiv 2407.05000; scaled as in PEFT",
      equation: "∂L/∂W = U Σ Vᵀ, A = V_{1..r}ᵀ, B = U_{r+1..2r} Σ_{r+1..2r} m^¼/√γ, "
        + "ΔW = s·(B A − B₀A₀)",
      mechanism: "A and B span the largest directions of the gradient, so the first step is near "
        + "that of full fine-tuning.",
      useWhen: "Choose it for fast learning in short runs, with rank-stabilised scales.",
      options: [
        .batches,
        .choice(
          "direction", default: "ArB2r", of: Direction.allCases.map(\.rawValue),
          "Which of the first 2r directions A and B take.", peftKey: "direction"),
        .choice(
          "scale", default: "stable", of: Scaling.allCases.map(\.rawValue),
          "How the factors are scaled; paper as the authors' code has it, the others as PEFT.",
          peftKey: "scale"),
        .number(
          "gamma", default: 16, in: 1e-6..<Double.infinity, "γ of the scales stable and paper.",
          peftKey: "stable_gamma"),
      ], peftType: "lora_ga", laws: Set(Law.allCases))
  ) {
    LoRAGAStart(
      direction: Direction(rawValue: $0.choice("direction")) ?? .firstToA,
      scaling: Scaling(rawValue: $0.choice("scale")) ?? .stable,
      gamma: $0.number("gamma"), batches: $0.integer("batches"))
  }
}
