import LowRankTensors
import LowRankTransformers

extension Training {
  /// Measures what the run will take by computing gradients of its longest examples, and keeps to a limit from then on.
  ///
  /// With a limit, as many examples are computed at once as fit, which ``examplesAtOnce`` says then: the sums of a step are
  /// the same. What is trained is not changed.
  /// - Parameters:
  ///   - limit: the most bytes that the process may hold.
  ///   - resident: what the process holds, in bytes, when it is asked.
  /// - Throws: `PlanError`.
  public mutating func plan(limit: Int? = nil, resident: () -> Int) throws(PlanError) -> RunPlan {
    guard let engine = trainee.model.engine as? CPUEngine else { throw .unmeasurable }
    let longest = LongestExamples(loader.set)
    // A process computes its share of a step, and of a micro-batch at once.
    let step = min(loader.batchSize * accumulation, loader.set.count)
    let share = (step + reducer.world - 1) / reducer.world
    let batchSize = min(loader.batchSize, loader.set.count, share)
    // The first one also reads the weights from the disk and makes the plans of the products.
    _ = trial(longest, 1, on: engine)
    engine.pool.trim()
    var memory = memoryAtRest(resident: resident())
    let atRest = memory.total
    var count = batchSize
    if let limit {
      let room = limit - Self.margin(of: limit) - atRest
      let one = trial(longest, 1, on: engine).bytes
      guard one <= room else {
        throw .tooLittle(
          limit: limit, needed: atRest + one + Self.margin(of: limit), recomputes: recomputesBlocks)
      }
      engine.pool.limit = engine.pool.usage.inUse + room
      count = longest.count(within: room / max(1, one / longest.tokens(1)), most: batchSize)
      while count > 1,
        trial(longest, count, on: engine).bytes > room
          || resident() > limit - Self.margin(of: limit) / 2
      {
        count -= (count + 7) / 8
        engine.pool.trim()
      }
      examplesAtOnce = count < batchSize ? count : nil
    }
    let measured = trial(longest, count, on: engine)
    let tokens = longest.tokens(count)
    memory.logits = min(measured.bytes, logitBytes(for: tokens))
    memory.activations = measured.bytes - memory.logits
    memory.spare = limit == nil ? engine.pool.usage.peak / 4 : 0
    let perStep =
      longest.mean * loader.meanExamples(ofSteps: steps, accumulation: accumulation)
    return RunPlan(
      memory: memory, examplesAtOnce: examplesAtOnce, tokensPerStep: perStep,
      secondsPerStep: measured.seconds / Double(max(tokens, 1)) * perStep / Double(reducer.world))
  }

  /// What is left free under a limit: for saving, for what threads keep for themselves, for pages only partly used.
  private static func margin(of limit: Int) -> Int { limit / 20 + 16_000_000 }

  /// The bytes above those that lie still, and the seconds, that gradients of so many of the longest examples take.
  private func trial(_ longest: LongestExamples, _ count: Int, on engine: CPUEngine)
    -> (bytes: Int, seconds: Double)
  {
    var sum = GradientSum()
    let still = engine.pool.usage.inUse
    engine.pool.resetPeak()
    let start = ContinuousClock.now
    let part = StepPart(
      microbatch: 0, examples: longest.first(count), rowsBefore: 0, sequencesBefore: 0)
    accumulate(part, into: &sum)
    return (engine.pool.usage.peak - still, (ContinuousClock.now - start).seconds)
  }

  /// What a run holds between two steps.
  private func memoryAtRest(resident: Int) -> MemoryPlan {
    let model = trainee.model
    let own = Set(trainee.parameters)
    let weights = Set(model.architecture.parameters).subtracting(own)
      .reduce(0) { $0 + model.store[$1].shape.count * model.store[$1].type.size }
    let trained = trainee.parameters.reduce(0) { $0 + 4 * $1.shape.count }
    return MemoryPlan(
      weights: weights, trained: trained,
      optimizer: optimization.optimizer.stateSize(of: trainee.parameters), logits: 0,
      activations: 0, spare: 0, program: max(0, resident - weights - trained))
  }

  /// The bytes of the logits that are there at one time.
  private func logitBytes(for tokens: Int) -> Int {
    guard trainee.model.classifier == nil else { return 0 }
    return 4 * min(tokens, 512) * ((trainee.model.architecture.vocabularySize + 63) / 64 * 64)
  }
}

/// The examples of a set by their length, the longest first.
private struct LongestExamples {
  private let order: [(example: Int, tokens: Int)]

  init(_ set: any LearningSet) {
    order = (0..<set.count).map { ($0, set.inputTokens(of: $0)) }
      .sorted { $0.tokens > $1.tokens }
  }

  var mean: Double { Double(tokens(order.count)) / Double(order.count) }

  func first(_ count: Int) -> [Int] { order.prefix(count).map(\.example) }

  func tokens(_ count: Int) -> Int { max(1, order.prefix(count).reduce(0) { $0 + $1.tokens }) }

  /// How many have together at most so many tokens; at least one.
  func count(within limit: Int, most: Int) -> Int {
    var (count, sum) = (0, 0)
    while count < min(most, order.count), sum + order[count].tokens <= limit {
      sum += order[count].tokens
      count += 1
    }
    return max(1, count)
  }
}
