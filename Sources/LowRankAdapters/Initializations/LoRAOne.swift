import LowRankTensors

/// LoRA-One: the adapter starts with one step of full fine-tuning, cut to its rank; the fresh adapter is not silent.
///
/// With G the gradient of W, `−G = U Σ Vᵀ`: `B = U_r √(Σ_r / σ₁) / √γ`, `A = √(Σ_r / σ₁) V_rᵀ / √γ`. Zhang, Liu and Chen, arXiv
/// 2502.01235.
public struct LoRAOneStart: Initialization {
  /// γ.
  public let gamma: Double
  /// The batches over which the gradient is taken.
  public let batches: Int

  /// The leading directions of the negative gradient.
  public init(gamma: Double = 128, batches: Int = 8) {
    (self.gamma, self.batches) = (gamma, batches)
  }

  public var configurationValue: InitializationName { .named("lora-one") }
  public var needs: StartNeeds { StartNeeds(gradient: true, batches: batches) }

  /// - Throws: `AdapterError.invalid` where the rank is too large for the map, `StartError`, `LinearAlgebraError`.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let gradient = try request.weightGradient(for: "lora-one")
    try request.requireRank(
      atMost: min(request.outputs, request.inputs), "the smaller extent of the map",
      for: "lora-one")
    let svd = try LeadingSingularVectors(
      request.rank, of: gradient, exactBelow: 512, oversampling: 2 * request.rank, iterations: 8)
    let roots = svd.values.map { ($0 / svd.values[0] / gamma).squareRoot() }
    return StartingFactors(
      down: roots.indices.flatMap { row in
        (0..<request.inputs).map { Float(roots[row] * svd.right[row, $0]) }
      },
      up: (0..<request.outputs).flatMap { row in
        roots.indices.map { Float(-roots[$0] * svd.left[row, $0]) }
      })
  }

  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "lora-one", title: "LoRA-One",
      citation: "Zhang, Liu and Chen, \"LoRA-One: One-Step Full Gradient Could Suffice for "
        + "Fine-Tuning Large Language Models\", ICML 2025, arXiv 2502.01235",
      equation: "−∂L/∂W = U Σ Vᵀ, B = U_r √(Σ_r/σ₁)/√γ, A = √(Σ_r/σ₁) V_rᵀ/√γ",
      mechanism:
        "The adapter starts as the best approximation of a step of full fine-tuning, in the "
        + "subspace that the gradient then stays in.",
      useWhen: "Choose it for short runs; the fresh adapter already changes the model.",
      options: [
        .batches,
        .number(
          "gamma", default: 128, in: 1e-6..<Double.infinity,
          "γ: the larger, the shorter the first step."),
      ], laws: Set(Law.allCases).subtracting([.freshIsSilent]))
  ) { LoRAOneStart(gamma: $0.number("gamma"), batches: $0.integer("batches")) }
}
