import LowRankTensors

/// MiLoRA: `s·B A` are the r smallest singular components of W, which are then subtracted by a frozen copy.
///
/// `W = U Σ Vᵀ`, `B = U_{−r} √(Σ_{−r}/s)`, `A = √(Σ_{−r}/s) V_{−r}ᵀ`. Wang et al., arXiv 2406.09044.
public struct MiLoRAStart: Initialization {
  /// The minor directions of the weight.
  public init() {}

  public var configurationValue: InitializationName { .named("milora") }
  public var isOffset: Bool { true }
  public var needs: StartNeeds { StartNeeds(weight: true) }

  /// - Throws: `AdapterError.invalid` where the rank is too large for the map, `LinearAlgebraError`.
  public func factors(for request: StartRequest) throws -> StartingFactors {
    let weight = try request.decomposable(by: "milora")
    let svd = try SingularValueDecomposition(HostMatrix<Double>(widening: weight))
    let last = svd.values.count - request.rank..<svd.values.count
    return request.factors(svd.left.columns(last), Array(svd.values[last]), svd.right.rows(last))
  }

  static let entry = MethodRegistry<any Initialization>.Entry(
    MethodCard(
      name: "milora", title: "MiLoRA",
      citation: "Wang et al., \"MiLoRA: Harnessing Minor Singular Components for "
        + "Parameter-Efficient LLM Finetuning\", NAACL 2025, arXiv 2406.09044",
      equation:
        "W = U Σ Vᵀ, B = U_{−r} √(Σ_{−r}/s), A = √(Σ_{−r}/s) V_{−r}ᵀ, ΔW = s·(B A − B₀A₀)",
      mechanism: "The smallest directions of W are trained; the large ones, which hold what the "
        + "model knows, stay.",
      useWhen: "Choose it to forget less of what the base can do.", laws: Set(Law.allCases))
  ) { _ in MiLoRAStart() }
}
