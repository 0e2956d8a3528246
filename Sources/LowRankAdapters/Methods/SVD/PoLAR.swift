import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// PoLAR: `ΔW = s·X Θ Y` with orthonormal columns in X `[outputs, rank]`, orthonormal rows in Y `[rank, inputs]`, and Θ
/// `[rank, rank]` free, which starts at zero.
///
/// The directions keep unit length, so that the update uses all of its rank. X and Y are not projected after a step: their
/// gradients are replaced by the landing field, which leads back to orthonormal factors (``LandingField``). What is saved is
/// retracted exactly: `X = X̂ H` with the polar factor X̂ and `Θ̂ = H Θ K`. With StelLA's retraction instead, X and Y are
/// orthonormal after every step (``StiefelRetraction``). Lion, Zhang, Li and He, "PoLAR:
/// Polar-Decomposed Low-Rank Adapter Representation", NeurIPS 2025, arXiv 2506.03133.
public struct PoLAR: Method {
  /// How X and Y are kept orthonormal.
  public enum Orthogonality: String, Sendable, CaseIterable {
    /// By the landing field, nearly.
    case landing
    /// By the polar retraction of each step, exactly.
    case polar
  }

  /// How X and Y are kept orthonormal.
  public var orthogonality = Orthogonality.landing
  /// λ, by which the landing field draws X and Y to orthonormal factors.
  public var attraction: Double
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double

  /// PoLAR with its attraction and a dropout.
  public init(
    attraction: Double = 1, dropout: Double = 0, keptBy orthogonality: Orthogonality = .landing
  ) {
    (self.attraction, self.dropout, self.orthogonality) = (attraction, dropout, orthogonality)
  }

  public var name: String { "POLAR" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect { .ownFactors }
  public var isSavedAsLoRA: Bool { true }
  public var configuration: JSONObject {
    var object: JSONObject = [
      "lora_dropout": .exact(dropout), "attraction": .exact(attraction),
    ]
    if orthogonality != .landing { object["retraction"] = .string(orthogonality.rawValue) }
    return object
  }

  public func configured(by config: JSONFile) throws -> any Method {
    let name = try config.string("retraction", default: Orthogonality.landing.rawValue)
    guard let orthogonality = Orthogonality(rawValue: name) else {
      throw AdapterError.unsupported(
        file: config.source, key: "retraction", value: "\"\(name)\"")
    }
    return PoLAR(
      attraction: try config.double("attraction", default: 1),
      dropout: try config.double("lora_dropout", default: 0), keptBy: orthogonality)
  }

  /// - Throws: `AdapterError.invalid` where the rank is too large for a map, `LinearAlgebraError`.
  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    try sites.map { site in
      try site.checkRank(for: "polar")
      let (outputs, inputs, rank) = (site.map.outputs, site.map.inputs, site.rank)
      var random = factory.random(for: site.path)
      func orthonormal(_ count: Int) throws -> HostMatrix<Double> {
        try QRDecomposition(
          HostMatrix((0..<count * rank).map { _ in random.normal() }, rows: count, columns: rank)
        ).q
      }
      func parameter(_ name: String, _ shape: Shape, _ role: Parameter.Role, _ values: [Double])
        -> Parameter
      {
        factory.parameter(
          name, shape, role: role, of: site.path, startingAt: values.map { Float($0) })
      }
      return PolarUpdate(
        path: site.path, scale: site.scale, dropout: Float(dropout),
        down: parameter(
          "polar_Y", [rank, inputs], .down, try orthonormal(inputs).transposed.elements),
        core: parameter(
          "polar_S", [rank, rank], .core, [Double](repeating: 0, count: rank * rank)),
        up: parameter("polar_X", [outputs, rank], .up, try orthonormal(outputs).elements))
    }
  }

  public func landing(on updates: [any Update]) -> LandingField? {
    let own = updates.compactMap { $0 as? PolarUpdate }
    return own.isEmpty || orthogonality != .landing
      ? nil : LandingField(attraction: attraction, rows: own.map(\.down), columns: own.map(\.up))
  }

  public func retraction(on updates: [any Update]) -> StiefelRetraction? {
    let own = updates.compactMap { $0 as? PolarUpdate }
    return own.isEmpty || orthogonality != .polar
      ? nil : StiefelRetraction(rows: own.map(\.down), columns: own.map(\.up))
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "polar", title: "PoLAR",
      citation: "Lion, Zhang, Li and He, \"PoLAR: Polar-Decomposed Low-Rank Adapter "
        + "Representation\", NeurIPS 2025, arXiv 2506.03133",
      equation: "ΔW = s·X Θ Y, XᵀX = Y Yᵀ = I by the landing field, Θ [r, r] from 0",
      mechanism: "Directions of unit length and a free core use the whole rank, where LoRA's "
        + "update often has a stable rank near 1.",
      useWhen: "Choose it for larger ranks, with a learning rate some ten times LoRA's.",
      options: [
        .number(
          "attraction", default: 1, in: 0..<Double.infinity,
          "How strongly X and Y are drawn to orthonormal factors at each step (λ)."),
        .choice(
          "retraction", default: Orthogonality.landing.rawValue,
          of: Orthogonality.allCases.map(\.rawValue),
          "How X and Y stay orthonormal: by the landing field, or by StelLA's polar retraction of "
            + "each step, which is exact and takes a decomposition."),
        .updateDropout,
      ],
      parameters: .init("L (r (m + n) + r²)") { m, n, r, layers in layers * r * (m + n + r) },
      laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) {
    PoLAR(
      attraction: $0.number("attraction"), dropout: $0.number("dropout"),
      keptBy: Orthogonality(rawValue: $0.choice("retraction")) ?? .landing)
  }
}
