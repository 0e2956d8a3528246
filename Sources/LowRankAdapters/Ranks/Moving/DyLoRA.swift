import LowRankTensors
import LowRankTransformers

/// DyLoRA: every step trains the first b directions of all modules, b being drawn anew, so that any of them can be used alone.
///
/// `ΔW = (α/b) B[:, :b] A[:b]` with b uniform from r_min to r. Valipour et al., "DyLoRA: Parameter-Efficient Tuning of
/// Pre-trained Models using Dynamic Search-Free Low-Rank Adaptation", EACL 2023, arXiv 2210.07558.
struct DyLoRA: RankAllocator {
  private let least, most: Int
  private let seed: UInt64
  /// The pairs whose gradients are those of direction b alone; none where all first b are trained.
  private let frozen: [FactorPair]

  init(_ adapter: Adapter, seed: UInt64, _ options: MethodOptions) throws {
    (least, most) = (options.integer("r_min"), adapter.configuration.ranks.rank)
    guard least <= most else {
      throw MethodError.value(
        "\(least)", of: "r_min", "dylora", .ranks, expected: "at most \(most), the rank")
    }
    guard adapter.embeddings.isEmpty else {
      throw AdapterError.cannotAdapt(
        method: "DyLoRA", path: adapter.embeddings.keys.sorted()[0],
        kind: "a table of embeddings")
    }
    self.seed = seed
    frozen = options.boolean("frozen") ? adapter.updates.flatMap(\.pairs) : []
  }

  var ranks: [String: Int]? { nil }

  /// With one rank to draw each step trains all directions.
  func idleReason(rates: Double) -> String? {
    guard least == most else { return nil }
    return "r_min is \(least), the rank, so every step trains all directions; give "
      + (most > 1 ? "a smaller r_min" : "a rank above 1")
  }

  func rank(at step: Int) -> Int? {
    var random = Philox(key: RandomKey(seed: seed, step: step).key(for: "dylora"))
    return least + random.integer(below: most - least + 1)
  }

  func prepare(_ gradients: inout [Parameter: Tensor], at step: Int, on engine: any Engine) {
    guard let rank = rank(at: step) else { return }
    for pair in frozen {
      for (parameter, isTurned) in [(pair.down, false), (pair.up, true)] {
        guard let gradient = gradients[parameter] else { continue }
        let width = parameter.shape[1]
        let own = min(rank, pair.down.shape[0]) - 1
        let mask = (0..<parameter.shape.count).map { index -> Float in
          (isTurned ? index % width : index / width) == own ? 1 : 0
        }
        gradients[parameter] = engine.multiply(
          gradient, engine.tensor(mask, parameter.shape, type: .float32))
      }
    }
  }

  func finished(_ adapter: Adapter) -> Adapter {
    var adapter = adapter
    adapter.nestedFrom = least
    return adapter
  }

  static let entry = MethodRegistry<RankRule>.Entry(
    MethodCard(
      name: "dylora", title: "DyLoRA",
      citation: "Valipour et al., \"DyLoRA: Parameter-Efficient Tuning of Pre-trained Models using "
        + "Dynamic Search-Free Low-Rank Adaptation\", EACL 2023, arXiv 2210.07558",
      equation: "a step trains ΔW = (α/b) B[:, :b] A[:b], b uniform from r_min to r",
      mechanism: "The first directions learn what matters most, since every step needs them, so "
        + "that any rank up to r can be used afterwards.",
      useWhen:
        "Choose it where the rank is decided after training: an evaluation at rank k shows what "
        + "the rank is worth, and compression to the uniform rank k cuts to it exactly.",
      options: [
        .rslora(),
        .integer(
          "r_min", default: 1, in: 1...AdapterConfiguration.greatestRank,
          "The least rank that is trained."),
        .boolean(
          "frozen", default: false,
          "Train direction b alone at a step, instead of all of the first b."),
      ])
  ) { options in
    RankRule(
      isRankStabilized: options.boolean("rslora"), architectures: ["lora"],
      reason: "it trains leading directions of the factors A and B alone", takesOffsets: false,
      nestedFrom: options.integer("r_min"),
      allocator: { adapter, _, seed in try DyLoRA(adapter, seed: seed, options) })
  }
}
