/// How a run turns its rank and α into those of each module.
public struct RankRule: Hashable, Sendable {
  /// Whether `s = α / √r` instead of `α / r`.
  public let isRankStabilized: Bool
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
      options: [
        .boolean(
          "rslora", default: false, "Scale by α / √r, so that large ranks learn as fast.",
          peftKey: "use_rslora")
      ])
  ) { RankRule(isRankStabilized: $0.boolean("rslora")) }
}
