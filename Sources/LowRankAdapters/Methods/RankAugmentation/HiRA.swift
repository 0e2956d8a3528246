import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// HiRA: `W' = W ∘ (1 + B A)`, element by element, with A `[rank, inputs]` and B `[outputs, rank]`.
///
/// The rank of ΔW is up to r times that of W. There is no scale. Huang et al., "HiRA: Parameter-Efficient Hadamard High-Rank
/// Adaptation for Large Language Models", ICLR 2025.
public struct HiRA: Method {
  /// Where A and B start.
  public var start: any Initialization
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double

  /// HiRA with a start and a dropout.
  public init(start: any Initialization = KaimingStart(), dropout: Double = 0) {
    (self.start, self.dropout) = (start, dropout)
  }

  public var name: String { "HIRA" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect {
    PEFTDialect(
      alphaKey: nil, rank: 32,
      // PEFT 0.21 makes factors of one rank whatever a pattern says.
      missing: ["use_rslora", "rank_pattern", "alpha_pattern", "bias", "trainable_token_indices"])
  }
  public var configuration: JSONObject {
    ["hira_dropout": .double(dropout), "init_weights": true]
  }

  public func configured(by config: JSONFile) throws -> any Method {
    HiRA(dropout: try config.double("hira_dropout", default: 0))
  }

  public func starting(at start: any Initialization) -> (any Method)? {
    start.isOffset || start.changesModel ? nil : HiRA(start: start, dropout: dropout)
  }

  public var formNeedsWeight: Bool { true }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    try sites.map { site in
      let start = try start.factors(for: factory.startRequest(for: site))
      return HiRAUpdate(
        path: site.path, dropout: Float(dropout),
        down: factory.parameter(
          "hira_A", [site.rank, site.map.inputs], role: .down, of: site.path,
          startingAt: start.down),
        up: factory.parameter(
          "hira_B", [site.map.outputs, site.rank], role: .up, of: site.path, startingAt: start.up))
    }
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "hira", title: "HiRA",
      citation: "Huang et al., \"HiRA: Parameter-Efficient Hadamard High-Rank Adaptation for "
        + "Large Language Models\", ICLR 2025",
      equation: "W' = W ∘ (1 + B A)",
      mechanism: "A low-rank matrix scales every weight, so the update has a high rank.",
      useWhen: "Choose it where LoRA's rank limits it, on tasks far from what the base knows.",
      options: [
        .number(
          "dropout", default: 0, in: 0..<1,
          "The probability of dropping an element of the update's input while training.",
          peftKey: "hira_dropout")
      ],
      parameters: .init("L r (m + n)") { m, n, r, layers in layers * r * (m + n) },
      peftType: "HIRA", laws: Set(Law.allCases))
  ) { HiRA(dropout: $0.number("dropout")) }
}

private struct HiRAUpdate: DeltaUpdate {
  let path: String
  let dropout: Float
  let down, up: Parameter
  var parameters: [Parameter] { [down, up] }
  var pairs: [FactorPair] { [FactorPair(down: down, up: up)] }

  func delta(_ weight: () -> Tensor, _ pass: Pass) -> Tensor {
    let gain = pass.compute.product(pass.value(up), pass.value(down), type: .float32)
    return pass.compute.multiply(gain, weight())
  }
}
