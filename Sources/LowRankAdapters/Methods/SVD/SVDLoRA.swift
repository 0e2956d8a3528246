import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// The architecture of AdaLoRA: `ΔW = s·B diag(E) A`, the form of a singular value decomposition.
///
/// A is `[rank, inputs]`, B `[outputs, rank]`, E `[rank, 1]`. As in PEFT, `s = α / (r + 10⁻⁵)` with the rank r of all
/// modules, whatever a module's own rank is. Zhang et al., "AdaLoRA", ICLR 2023, arXiv 2303.10512.
public struct SVDLoRA: Method {
  /// What the penalty on A and B that are not orthonormal is multiplied by.
  public var orthogonality: Double
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double
  /// PEFT's keys of how ranks are allotted: as they were read, or as ``AdaLoRA`` has them.
  var schedule: JSONObject = SVDLoRA.standard
  /// Whether it was read from a file, whose ranks are what they are.
  private var isRead = false

  /// The form of AdaLoRA.
  public init(orthogonality: Double = 0.5, dropout: Double = 0) {
    (self.orthogonality, self.dropout) = (orthogonality, dropout)
  }

  public var name: String { "ADALORA" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect {
    PEFTDialect(
      alphaKey: "lora_alpha", rankKey: "init_r", rank: 12,
      missing: ["use_rslora", "alpha_pattern", "trainable_token_indices"],
      masksRanks: true)
  }
  public var configuration: JSONObject {
    var object: JSONObject = [
      "lora_dropout": .exact(dropout), "orth_reg_weight": .exact(orthogonality),
      "init_lora_weights": true,
    ]
    for (key, value) in schedule.entries { object[key] = value }
    return object
  }

  /// Ranks stay, so that PEFT need be told of no schedule but a valid one.
  private static let standard: JSONObject = [
    "target_r": 8, "tinit": 0, "tfinal": 0, "deltaT": 1, "beta1": 0.85, "beta2": 0.85,
    "total_step": 1,
  ]

  public func configured(by config: JSONFile) throws -> any Method {
    var method = SVDLoRA(
      orthogonality: try config.double("orth_reg_weight", default: 0.5),
      dropout: try config.double("lora_dropout", default: 0))
    for key in Self.standard.keys {
      if let value = config[key], value != .null { method.schedule[key] = value }
    }
    method.isRead = true
    return method
  }

  public func extents(in tensors: [StoredShape]) -> [String: MapExtents] {
    tensors.extents(up: ".lora_B", down: ".lora_A")
  }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    try sites.map { site in
      let (outputs, inputs, rank) = (site.map.outputs, site.map.inputs, site.rank)
      if !isRead { try site.checkRank(for: "svd") }
      guard rank > 0 else { return PrunedUpdate(path: site.path, outputs, inputs) }
      var random = factory.random(for: site.path)
      func normal(_ name: String, _ shape: Shape, _ role: Parameter.Role) -> Parameter {
        factory.parameter(
          name, shape, role: role, of: site.path,
          startingAt: (0..<shape.count).map { _ in Float(0.02 * random.normal()) })
      }
      return SVDUpdate(
        path: site.path, scale: site.scale, dropout: Float(dropout),
        down: normal("lora_A", [rank, inputs], .down),
        up: normal("lora_B", [outputs, rank], .up),
        values: factory.parameter(
          "lora_E", [rank, 1], role: .diagonal, of: site.path,
          startingAt: [Float](repeating: 0, count: rank)))
    }
  }

  /// AdaLoRA's penalty, without which the numbers of E are not sizes of directions.
  public func penalty(on updates: [any Update]) -> OrthogonalityPenalty? {
    let own = updates.compactMap { $0 as? SVDUpdate }
    guard orthogonality != 0, !own.isEmpty else { return nil }
    return OrthogonalityPenalty(
      weight: orthogonality, rows: own.map(\.down), columns: own.map(\.up))
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "svd", title: "P Λ Q of AdaLoRA",
      citation: "Zhang et al., \"AdaLoRA: Adaptive Budget Allocation for Parameter-Efficient "
        + "Fine-Tuning\", ICLR 2023, arXiv 2303.10512",
      equation: "ΔW = s·B diag(E) A, s = α / (r + 10⁻⁵)",
      mechanism: "The size of each direction is a number of its own, which may grow, shrink or go.",
      useWhen: "Choose it to see or prune single directions, or to exchange adapters of AdaLoRA; "
        + "with the rank rule adalora, directions compete for a budget.",
      options: [
        .number(
          "orth_reg_weight", default: 0.5, in: 0..<Double.infinity,
          "The weight of the penalty on A and B whose directions are not orthonormal.",
          peftKey: "orth_reg_weight"),
        .number(
          "dropout", default: 0, in: 0..<1,
          "The probability of dropping an element of the update's input while training.",
          peftKey: "lora_dropout"),
      ],
      parameters: .init("L r (m + n + 1)") { m, n, r, layers in layers * r * (m + n + 1) },
      peftType: "ADALORA", laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) {
    SVDLoRA(orthogonality: $0.number("orth_reg_weight"), dropout: $0.number("dropout"))
  }
}
