import LowRankCheckpoints
import LowRankProgress
import LowRankTensors
import LowRankTransformers

/// LoRA-XS: `ΔW = s·B R A` with frozen B and A from the leading singular vectors of W; only R `[rank, rank]` is trained.
///
/// `W ≈ U Σ Vᵀ`, `B = U Σ` and `A = Vᵀ`. R starts at zero, where the authors draw it of a deviation of 10⁻⁵. Bałazy et al.,
/// "LoRA-XS: Low-Rank Adaptation with Extremely Small Number of Parameters", arXiv 2405.17604. PEFT has no such type.
public struct LoRAXS: Method {
  /// The power iterations of the decomposition of large weights.
  public var iterations: Int
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double
  /// Whether values are read from elsewhere, so that nothing is decomposed.
  private var isAwaiting = false

  /// LoRA-XS with its decomposition.
  public init(iterations: Int = 10, dropout: Double = 0) {
    (self.iterations, self.dropout) = (iterations, dropout)
  }

  public var name: String { "LORA-XS" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect { .ownFactors }
  public var isSavedAsLoRA: Bool { true }
  public var configuration: JSONObject {
    ["lora_dropout": .exact(dropout), "svd_iterations": .integer(iterations)]
  }

  public func configured(by config: JSONFile) throws -> any Method {
    LoRAXS(
      iterations: try config.integer("svd_iterations", default: 10),
      dropout: try config.double("lora_dropout", default: 0)
    ).awaitingValues()
  }

  public func awaitingValues() -> any Method {
    var method = self
    method.isAwaiting = true
    return method
  }

  /// - Throws: `AdapterError.invalid` where the rank is too large for a map, `LinearAlgebraError`.
  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    let work = isAwaiting ? nil : Work("decomposing weights", of: sites.count, .modules)
    defer { work?.end() }
    return try sites.map { site in
      defer { work?.advance() }
      let (outputs, inputs, rank) = (site.map.outputs, site.map.inputs, site.rank)
      try site.checkRank(for: "lora-xs")
      let start = try factors(of: site, &factory)
      func factor(_ name: String, _ shape: Shape, _ role: Parameter.Role, _ values: [Float])
        -> Parameter
      {
        factory.parameter(name, shape, role: role, of: site.path, startingAt: values)
      }
      return LoRAXSUpdate(
        path: site.path, scale: site.scale, dropout: Float(dropout),
        down: factor("lora_xs_A", [rank, inputs], .bank, start.down),
        core: factor("lora_xs_R", [rank, rank], .core, [Float](repeating: 0, count: rank * rank)),
        up: factor("lora_xs_B", [outputs, rank], .bank, start.up))
    }
  }

  /// A and B of a map.
  private func factors(of site: AdaptedSite, _ factory: inout ParameterFactory) throws
    -> StartingFactors
  {
    let (outputs, inputs, rank) = (site.map.outputs, site.map.inputs, site.rank)
    guard !isAwaiting else {
      return StartingFactors(
        down: [Float](repeating: 0, count: rank * inputs),
        up: [Float](repeating: 0, count: outputs * rank))
    }
    var random = factory.random(for: site.path)
    let weight = HostMatrix(factory.weight(of: site.map), rows: outputs, columns: inputs)
    let svd = try LeadingSingularVectors(
      rank, of: weight, iterations: iterations, seed: random.next())
    let left = svd.left
    return StartingFactors(
      down: svd.right.elements,
      up: (0..<outputs).flatMap { row in (0..<rank).map { left[row, $0] * svd.values[$0] } })
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "lora-xs", title: "LoRA-XS",
      citation: "Bałazy et al., \"LoRA-XS: Low-Rank Adaptation with Extremely Small Number of "
        + "Parameters\", arXiv 2405.17604",
      equation: "ΔW = s·B R A, W ≈ U Σ Vᵀ, B = U Σ, A = Vᵀ, only R [r, r] trained, from 0",
      mechanism: "The directions in which W is largest are combined anew by a small matrix.",
      useWhen:
        "Choose it for the fewest parameters a rank can have, with a learning rate ten times "
        + "LoRA's.",
      options: [
        .integer(
          "niter", default: 10, in: 0...64,
          "Power iterations of the decomposition; weights of a smaller extent up to 256 are "
            + "decomposed exactly."),
        .updateDropout,
      ],
      parameters: .init("L r²") { _, _, r, layers in layers * r * r },
      laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) { LoRAXS(iterations: $0.integer("niter"), dropout: $0.number("dropout")) }
}

private struct LoRAXSUpdate: TermUpdate {
  let path: String
  let scale: Float
  let dropout: Float
  /// A and B, which are not trained.
  let down: Parameter
  /// R.
  let core: Parameter
  let up: Parameter
  var parameters: [Parameter] { [core] }
  var frozen: [Parameter] { [down, up] }

  func factors(_ pass: Pass) -> (down: Tensor, up: Tensor) {
    (pass.compute.product(pass.value(core), pass.value(down), type: .float32), pass.value(up))
  }
}
