import LowRankTensors

/// How a run turns its rank and α into those of each module, and what changes them while it trains.
public struct RankRule: Sendable {
  /// Makes what changes ranks during a run.
  ///
  /// - Throws: `MethodError` where a number does not fit the run, `AdapterError`.
  public typealias AllocatorMaker =
    @Sendable (_ adapter: Adapter, _ steps: Int, _ seed: UInt64) throws -> any RankAllocator

  /// Whether `s = α / √r` instead of `α / r`.
  public var isRankStabilized = false
  /// The rank of modules where the run gives none.
  public var standardRank = 8
  /// The architectures that it works on, the first of which is used where none is named; empty for all.
  public var architectures: [String] = []
  /// Why it works on no others.
  public var reason = ""
  /// Whether factors may start elsewhere than at `B A = 0` with the start subtracted.
  public var takesOffsets = true
  /// The least rank at which the adapter can be used alone afterwards; nil where it is trained for its own alone.
  public var nestedFrom: Int?
  /// Where its factors start; nil where that is chosen apart.
  public var start: (any Initialization)?
  /// What changes ranks; nil where they stay.
  public var allocator: AllocatorMaker?

  /// Why it does not go with an architecture; nil where it does.
  public func refusal(of architecture: String, name: String) -> MethodError? {
    guard !architectures.isEmpty, !architectures.contains(architecture) else { return nil }
    return .apart(name, .ranks, architecture, .architectures, why: reason)
  }

  /// Why it does not go with a start; nil where it does.
  public func refusal(
    of initialization: String, _ other: any Initialization, name: String
  ) -> MethodError? {
    if start != nil {
      return .apart(
        name, .ranks, initialization, .initializations, why: "\(name) has a start of its own")
    }
    guard !takesOffsets, other.isOffset else { return nil }
    return .apart(
      name, .ranks, initialization, .initializations,
      why:
        "\(initialization) subtracts the product that its factors start from, which keeps its rank")
  }
}

extension MethodOption {
  /// The option of rules of ranks whose modules may be scaled by α / √r.
  static func rslora(default standard: Bool = false) -> MethodOption {
    .boolean(
      "rslora", default: standard, "Scale by α / √r, so that large ranks learn as fast.",
      peftKey: "use_rslora")
  }
}

extension RankRule {
  /// The same rank for every module but those that a pattern names.
  static let fixed = MethodRegistry<RankRule>.Entry(
    MethodCard(
      name: "fixed", title: "Fixed ranks",
      citation: "Hu et al., \"LoRA: Low-Rank Adaptation of Large Language Models\", "
        + "arXiv 2106.09685; rank-stabilised: Kalajdzievski, arXiv 2312.03732",
      equation: "rank(module) = r, s = α / r, or α / √r where rank-stabilised",
      mechanism: "Every module has the same rank, and patterns name exceptions.",
      useWhen: "Start here; prune the trained adapter with compress to find the ranks it needs.",
      options: [.rslora()])
  ) { RankRule(isRankStabilized: $0.boolean("rslora")) }
}
