import LowRankCheckpoints
import LowRankTensors
import LowRankTransformers

/// AdaLoRA: the directions of all modules compete for a budget that shrinks while the run trains.
///
/// After each step the directions with the least scores are set to zero, `S_i = s(E_i) + mean s(A_i) + mean s(B_i)` with the
/// scores of ``Importance``. They keep their gradients and may come back, until the last t_final steps, in which the choice
/// stands. As in PEFT's `update_and_allocate`; where scores are equal, the earlier direction goes, so that the budget is
/// met exactly. Zhang et al., "AdaLoRA", ICLR 2023, arXiv 2303.10512.
struct AdaLoRA: RankAllocator {
  private let budget: CubicBudget
  private let beta1, beta2: Float
  private let schedule: JSONObject
  private let modules: [SVDUpdate]
  /// The modules that have had no direction from the start.
  private let empty: [String]
  /// Of each module the importance of A, B and E.
  private var scores: [[Importance]]
  /// Of each module the directions that are left.
  private var kept: [[Bool]]

  init(_ adapter: Adapter, steps: Int, _ options: MethodOptions) throws {
    modules = adapter.updates.compactMap { $0 as? SVDUpdate }
    empty = zip(adapter.sites, adapter.updates).filter { $0.1 is PrunedUpdate }.map(\.0.path)
    let (target, final) = (options.integer("target_r"), options.integer("tfinal"))
    let rank = adapter.configuration.ranks.rank
    budget = CubicBudget(
      first: modules.reduce(0) { $0 + $1.down.shape[0] }, last: target * modules.count,
      warmup: options.integer("tinit"), end: steps - final, interval: options.integer("deltaT"))
    (beta1, beta2) = (Float(options.number("beta1")), Float(options.number("beta2")))
    func refuse(_ option: String, _ value: Int, _ expected: String) -> MethodError {
      .value("\(value)", of: option, "adalora", .ranks, expected: expected)
    }
    guard budget.last <= budget.first else {
      throw refuse("target_r", target, "at most \(rank), the rank that modules start with")
    }
    guard final < steps else {
      throw refuse("tfinal", final, "below \(steps), the run's steps")
    }
    guard budget.warmup < budget.end else {
      throw refuse(
        "tinit", budget.warmup,
        "below \(max(0, budget.end)), the run's \(steps) steps without tfinal")
    }
    schedule = [
      "target_r": .integer(target), "tinit": .integer(budget.warmup), "tfinal": .integer(final),
      "deltaT": .integer(budget.interval), "beta1": .exact(options.number("beta1")),
      "beta2": .exact(options.number("beta2")), "total_step": .integer(max(1, steps)),
    ]
    scores = modules.map { $0.parameters.map { Importance(count: $0.shape.count) } }
    kept = modules.map { [Bool](repeating: true, count: $0.down.shape[0]) }
  }

  var ranks: [String: Int]? {
    var ranks = Dictionary(uniqueKeysWithValues: empty.map { ($0, 0) })
    for (module, kept) in zip(modules, kept) { ranks[module.path] = kept.count { $0 } }
    return ranks
  }

  /// A budget that is what modules start with never shrinks.
  func idleReason(rates: Double) -> String? {
    guard budget.last == budget.first, !modules.isEmpty else { return nil }
    let rank = budget.last / modules.count
    return "target_r is \(rank), the rank that modules start with, so no direction goes; give "
      + (rank > 1
        ? "target_r=\(rank / 2), or a rank above \(rank)"
        : "a rank above 1, of which target_r=1 is left")
  }

  /// Two means of each number.
  var stateSize: Int { modules.reduce(0) { $0 + 8 * Self.count(of: $1) } }

  /// The numbers of some modules, their gradients, and new means of both.
  var workSize: Int { Self.modulesAtOnce * 16 * (modules.map(Self.count).max() ?? 0) }

  /// How many modules' numbers are read at once.
  private static let modulesAtOnce = 4

  private static func count(of module: SVDUpdate) -> Int {
    module.parameters.reduce(0) { $0 + $1.shape.count }
  }

  mutating func allocate(
    after step: RankStep, in store: inout ParameterStore
  ) throws -> [RankChange] {
    if step.number < budget.end { try note(step, store) }
    let (count, isDue) = budget.budget(at: step.number)
    guard isDue else { return [] }
    if step.number <= budget.end { try choose(count, step) }
    var changes: [RankChange] = []
    for (module, kept) in zip(modules, kept) where kept.contains(false) {
      let mask: [Float] = kept.map { $0 ? 1 : 0 }
      var numbers = step.engine.floats(store[module.values])
      for index in numbers.indices where !kept[index] { numbers[index] = 0 }
      store[module.values] = step.engine.tensor(numbers, module.values.shape, type: .float32)
      // Until then a direction may come back with the moments it has.
      if step.number == budget.end { changes.append(.mask(module.values, mask)) }
    }
    return changes
  }

  /// Adds what a step says of every number.
  private mutating func note(_ step: RankStep, _ store: ParameterStore) throws {
    let (engine, scale, beta1, beta2) = (step.engine, Float(step.gradientScale), beta1, beta2)
    for start in stride(from: 0, to: modules.count, by: Self.modulesAtOnce) {
      let part = start..<min(start + Self.modulesAtOnce, modules.count)
      let works = zip(modules[part], scores[part]).map { module, scores in
        zip(module.parameters, scores).map { parameter, score in
          (score, store[parameter], step.gradients[parameter])
        }
      }
      let noted = try concurrentMap(works.count) { index in
        works[index].map { score, value, gradient in
          var score = score
          score.add(
            engine.floats(value), gradient.map { engine.floats($0) }, scale: scale, beta1: beta1,
            beta2: beta2)
          return score
        }
      }
      scores.replaceSubrange(part, with: noted)
    }
  }

  /// Chooses the directions with the greatest scores, as process 0 finds them.
  private mutating func choose(_ count: Int, _ step: RankStep) throws {
    var offers: [(score: Float, module: Int, direction: Int)] = []
    for (index, module) in modules.enumerated() {
      let (rank, inputs, outputs) = (
        module.down.shape[0], module.down.shape[1], module.up.shape[0]
      )
      let (down, up, values) = (scores[index][0], scores[index][1], scores[index][2])
      for direction in 0..<rank {
        let score =
          values.score(CollectionOfOne(direction))
          + down.score(direction * inputs..<(direction + 1) * inputs)
          + up.score(stride(from: direction, to: outputs * rank, by: rank).map { $0 })
        offers.append((score, index, direction))
      }
    }
    offers.sort { ($0.score, $0.module, $0.direction) < ($1.score, $1.module, $1.direction) }
    for index in kept.indices { kept[index] = kept[index].map { _ in true } }
    for offer in offers.prefix(budget.first - count) { kept[offer.module][offer.direction] = false }
    var bytes = kept.flatMap { $0.map { $0 ? UInt8(1) : 0 } }
    try step.agree(&bytes)
    var place = 0
    for index in kept.indices {
      for direction in kept[index].indices {
        kept[index][direction] = bytes[place] != 0
        place += 1
      }
    }
  }

  /// The adapter without directions that are gone; one that has come back since the last choice stays.
  func finished(_ adapter: Adapter) throws -> Adapter {
    var left: [String: [Bool]] = [:]
    for (module, kept) in zip(modules, kept) {
      let numbers = adapter.base.engine.floats(adapter.values[module.values])
      left[module.path] = zip(kept, numbers).map { $0 || $1 != 0 }
    }
    var method = adapter.configuration.method as? SVDLoRA ?? SVDLoRA()
    method.schedule = schedule
    return try adapter.keeping(left, as: method)
  }

  private static let parts = ["lora_A", "lora_B", "lora_E"]

  func state(on engine: any Engine) -> [TensorName: Tensor] {
    var state: [TensorName: Tensor] = [:]
    for (index, module) in modules.enumerated() {
      for (part, score) in zip(Self.parts, scores[index]) {
        state[TensorName("\(module.path).\(part).importance")] = engine.row(score.mean)
        state[TensorName("\(module.path).\(part).uncertainty")] = engine.row(score.uncertainty)
      }
      state[TensorName("\(module.path).kept")] = engine.row(kept[index])
    }
    return state
  }

  mutating func restore(_ state: [TensorName: Tensor], on engine: any Engine) throws {
    let state = RankState(state, engine)
    for (index, module) in modules.enumerated() {
      for (place, part) in Self.parts.enumerated() {
        let count = scores[index][place].mean.count
        scores[index][place] = Importance(
          mean: try state.numbers("\(module.path).\(part).importance", count: count),
          uncertainty: try state.numbers("\(module.path).\(part).uncertainty", count: count))
      }
      kept[index] = try state.flags("\(module.path).kept", count: kept[index].count)
    }
  }
}
