import Foundation
import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// ReLoRA: every K steps, the trained product is added to a frozen one, and the factors start anew.
///
/// A starts at random and B at zero, as at the beginning of a run. A random share of the optimizer's moments is set to zero,
/// and the learning rate rises from zero again. The weight W does not change: the products so far are a frozen pair of factors
/// beside it, so that the result is an ordinary adapter of a larger rank. Lialin et al., "ReLoRA: High-Rank Training Through Low-Rank
/// Updates", ICLR 2024, arXiv 2307.05695.
struct ReLoRA: RankAllocator {
  private let every, warmup: Int
  private let steps: Int
  private let pruned: Double
  private let seed: UInt64
  private let parameters: [Parameter]
  /// The module that allows the fewest restarts, where it does not allow one.
  private let narrowest: (path: String, rank: Int)?
  private var folds = 0
  private(set) var ranks: [String: Int]?

  init(_ adapter: Adapter, steps: Int, seed: UInt64, _ options: MethodOptions) throws {
    (every, warmup) = (options.integer("every"), options.integer("warmup"))
    (self.steps, self.seed, pruned) = (steps, seed, options.number("prune"))
    parameters = adapter.updates.flatMap(\.parameters)
    guard adapter.embeddings.isEmpty else {
      throw AdapterError.cannotAdapt(
        method: "ReLoRA", path: adapter.embeddings.keys.sorted()[0],
        kind: "a table of embeddings")
    }
    guard warmup < every else {
      throw MethodError.value(
        "\(warmup)", of: "warmup", "relora", .ranks, expected: "below every, which is \(every)")
    }
    let restarts = max(0, steps - 1) / every
    // The module that allows the fewest restarts decides.
    let bounds = zip(adapter.sites, adapter.updates).flatMap { site, update in
      update.pairs.map { pair -> (path: String, rank: Int, extent: Int) in
        (site.path, site.rank, min(pair.up.shape[0], pair.down.shape[1]))
      }
    }
    let least = bounds.min { $0.extent * $1.rank < $1.extent * $0.rank }
    narrowest = least.flatMap { $0.rank > $0.extent / 2 ? ($0.path, $0.rank) : nil }
    if let least,
      restarts * least.rank > least.extent / 2
    {
      let most = least.extent / (2 * least.rank)
      guard most > 0 else {
        throw MethodError.value(
          "\(every)", of: "every", "relora", .ranks,
          expected: """
            a smaller rank: a restart would add up to rank \(2 * least.rank) at \(least.path), more than its smaller extent \
            \(least.extent) can hold
            """)
      }
      throw MethodError.value(
        "\(every)", of: "every", "relora", .ranks,
        expected: """
          at least \(max((steps + most) / (most + 1), warmup + 1)): the \(restarts) restarts of the run's \(steps) steps would \
          add up to rank \(restarts * least.rank) at \(least.path), more than half of its smaller extent \(least.extent)
          """)
    }
    follow(adapter)
  }

  mutating func follow(_ adapter: Adapter) {
    ranks = Dictionary(
      uniqueKeysWithValues: zip(adapter.sites, adapter.updates).map {
        ($0.path, $1.storedRank ?? $0.rank)
      })
  }

  /// A run that ends before the first restart, or with it, is one of plain LoRA.
  func idleReason(rates: Double) -> String? {
    guard every >= steps else { return nil }
    let problem = "every is \(every), and the run has \(steps) steps, so nothing is folded; "
    guard steps > 2 else { return problem + "a run of 3 steps or more can restart" }
    if let (path, rank) = narrowest {
      return problem + "\(path) has no room for a restart at rank \(rank); give a smaller rank"
    }
    // Half of the run: one restart.
    let half = (steps + 1) / 2
    return problem + "give every=\(half)" + (warmup < half ? "" : " and warmup=\(half / 2)")
  }

  /// The learning rate of a step: the schedule's, except after a restart, when it rises from zero to the schedule's rate at the
  /// end of the warm-up.
  func rate(at step: Int, _ schedule: (_ step: Int) -> Double) -> Double {
    let since = step % every
    guard step >= every, since < warmup else { return schedule(step) }
    let end = min(step - since + warmup, steps - 1)
    return schedule(end) * Double(since) / Double(warmup)
  }

  mutating func allocate(after step: RankStep, in store: inout ParameterStore) -> [RankChange] {
    guard step.number.isMultiple(of: every), step.number < steps else { return [] }
    folds += 1
    let masks = parameters.map { parameter -> RankChange in
      let key = RandomKey(seed: seed, step: step.number).key(for: parameter.path + ".moments")
      var random = Philox(key: key)
      return .mask(
        parameter,
        (0..<parameter.shape.count).map { _ in Double(random.uniform()) < pruned ? 0 : 1 })
    }
    return masks + [.fold(folds)]
  }

  func state(on engine: any Engine) -> [TensorName: Tensor] {
    ["folds": engine.row([Float(folds)])]
  }

  mutating func restore(_ state: [TensorName: Tensor], on engine: any Engine) throws {
    folds = Int(try RankState(state, engine).numbers("folds", count: 1)[0])
  }

  static let entry = MethodRegistry<RankRule>.Entry(
    MethodCard(
      name: "relora", title: "ReLoRA",
      citation: "Lialin et al., \"ReLoRA: High-Rank Training Through Low-Rank Updates\", "
        + "ICLR 2024, arXiv 2307.05695",
      equation: "every K steps ΔW₀ ← ΔW₀ + s·B A, A anew, B = 0, most moments 0, and the rate "
        + "rises from 0 again",
      mechanism: "A sum of several products of low rank has a high rank, at the memory of one of "
        + "them for gradients and moments.",
      useWhen: "Choose it where one low rank is too little; the result has the rank of all "
        + "products together, and compress cuts it.",
      options: [
        .rslora(),
        .integer("every", default: 1000, in: 2...1_000_000_000, "The steps between restarts, K."),
        .integer(
          "warmup", default: 50, in: 0...1_000_000_000,
          "The steps in which the learning rate rises again after a restart."),
        .number(
          "prune", default: 0.999, in: 0..<1.0.nextUp,
          "The random share of the optimizer's moments that a restart sets to zero."),
      ])
  ) { options in
    RankRule(
      isRankStabilized: options.boolean("rslora"), architectures: ["lora"],
      reason: "it folds the product of the factors A and B alone", takesOffsets: false,
      allocator: { adapter, steps, seed in
        try ReLoRA(adapter, steps: steps, seed: seed, options)
      })
  }
}
