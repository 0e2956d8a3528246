import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// RandLoRA: `ΔW = s·Σ_b B_b Λ_b A Γ_b`, a full-rank sum of random products with trained diagonals.
///
/// A `[rank, smaller extent]` and B_b `[larger extent, rank]` are frozen and shared by all maps; Λ_b and Γ_b are a map's own.
/// As many b are added up as the rank is full with. PEFT pairs the columns of B_b with the rows of A in an order of its own,
/// which is kept. Albert et al., "RandLoRA: Full-rank parameter-efficient fine-tuning of large models", ICLR 2025,
/// arXiv 2502.00987.
public struct RandLoRA: Method {
  /// How the random matrices are filled.
  public var filling: RandomFilling
  /// The seed of A and B, in torch's generator.
  public var key: Int
  /// Whether A and B are saved, or made again from the seed.
  public var savesProjection: Bool
  /// The probability of dropping an element of the update's input while training.
  public var dropout: Double

  /// RandLoRA with PEFT's defaults.
  public init(
    filling: RandomFilling = .dense, key: Int = 0, savesProjection: Bool = true,
    dropout: Double = 0
  ) {
    (self.filling, self.key) = (filling, key)
    (self.savesProjection, self.dropout) = (savesProjection, dropout)
  }

  public var name: String { "RANDLORA" }
  public var title: String { Self.entry.card.title }
  public var dialect: PEFTDialect {
    PEFTDialect(
      alphaKey: "randlora_alpha", alpha: 640, rank: 32,
      missing: [
        "use_rslora", "rank_pattern", "alpha_pattern", "trainable_token_indices", "exclude_modules",
      ],
      adaptedBiases: "randlora_only")
  }
  public var configuration: JSONObject {
    [
      "randlora_dropout": .exact(dropout), "projection_prng_key": .integer(key),
      "save_projection": .bool(savesProjection), "sparse": .bool(filling == .sparse),
      "very_sparse": .bool(filling == .verySparse), "init_weights": true,
    ]
  }

  public func configured(by config: JSONFile) throws -> any Method {
    RandLoRA(
      filling: RandomFilling(
        isSparse: try config.bool("sparse", default: false),
        isVerySparse: try config.bool("very_sparse", default: false)),
      key: try config.integer("projection_prng_key", default: 0),
      savesProjection: try config.bool("save_projection", default: true),
      dropout: try config.double("randlora_dropout", default: 0))
  }

  public func updates(for sites: [AdaptedSite], _ factory: inout ParameterFactory) throws
    -> [any Update]
  {
    guard let rank = sites.first?.rank else { return [] }
    let most = (
      sites.map(\.map.inputs).max() ?? 0, sites.map(\.map.outputs).max() ?? 0
    )
    let bases = try RandomBases(
      filling, smaller: min(most.0, most.1), larger: max(most.0, most.1), rank: rank, key: key)
    let down = factory.sharedBank("randlora_A", [rank, 1, bases.smaller], bases.down)
    let up = factory.sharedBank("randlora_B", [bases.larger, bases.count, rank], bases.up)
    return sites.enumerated().map { index, site in
      let smaller = min(site.map.inputs, site.map.outputs)
      let count = RandomBases.count(of: smaller, rank: rank)
      func matrix(_ name: String, _ shape: Shape, _ value: Float) -> Parameter {
        factory.parameter(
          name, shape, role: .diagonal, of: site.path,
          startingAt: [Float](repeating: value, count: shape.count))
      }
      return RandLoRAUpdate(
        path: site.path, dropout: Float(dropout), scale: site.scale, inputs: site.map.inputs,
        outputs: site.map.outputs, down: down, up: up,
        lambda: matrix("randlora_lambda", [rank, count], 0),
        gamma: matrix("randlora_gamma", [count, smaller], 1 / Float(max(count, smaller))),
        frozen: savesProjection && index == 0 ? [down, up] : [],
        sharers: savesProjection && index == 0 ? sites.map(\.path) : [])
    }
  }

  static let entry = MethodRegistry<any Method>.Entry(
    MethodCard(
      name: "randlora", title: "RandLoRA",
      citation: "Albert et al., \"RandLoRA: Full-rank parameter-efficient fine-tuning of large "
        + "models\", ICLR 2025, arXiv 2502.00987",
      equation: "ΔW = s·Σ_b B_b Λ_b A Γ_b, A and B_b random, frozen and shared by all maps",
      mechanism: "Trained diagonals between enough random factors reach every rank.",
      useWhen: "Choose it where a low rank limits the task, with an alpha of 20 times the rank; a "
        + "step costs as much as training the weights.",
      options: [
        .integer(
          "projection_prng_key", default: 0, in: 0...Int(UInt32.max),
          "The seed of A and B, from which PEFT makes the same numbers.",
          peftKey: "projection_prng_key"),
        .boolean(
          "save_projection", default: true,
          "Whether A and B are saved, as PEFT does once for every map; otherwise they are made again "
            + "from the seed.",
          peftKey: "save_projection"),
        .boolean(
          "sparse", default: false, "Whether two thirds of A and B are zero, the others ±1.",
          peftKey: "sparse"),
        .boolean(
          "very_sparse", default: false,
          "Whether all but a share of 1/√(smaller extent) of A and B are zero; not with sparse.",
          peftKey: "very_sparse"),
        .number(
          "dropout", default: 0, in: 0..<1,
          "The probability of dropping an element of the update's input while training.",
          peftKey: "randlora_dropout"),
      ], alternatives: ["sparse", "very_sparse"],
      parameters: .init("L ⌈k/r⌉ (r + k), k = min(m, n)") { m, n, r, layers in
        layers * RandomBases.count(of: min(m, n), rank: r) * (r + min(m, n))
      },
      peftType: "RANDLORA", laws: Set(Law.allCases).subtracting([.gaugeIsFree]))
  ) {
    RandLoRA(
      filling: RandomFilling(
        isSparse: $0.boolean("sparse"), isVerySparse: $0.boolean("very_sparse")),
      key: $0.integer("projection_prng_key"), savesProjection: $0.boolean("save_projection"),
      dropout: $0.number("dropout"))
  }
}
