import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// Computes the largest batches of a run to see what they take.
struct Planner {
  /// A run as it was measured with so many examples at once.
  struct Measured {
    /// The most examples of a step at once.
    let count: Int
    /// The most examples evaluated at once.
    let evaluated: Int
    /// The tokens of the largest part of a step.
    let tokens: Int
    /// The bytes of tensors beyond those that stay between two steps.
    let moving: Int
    let memory: MemoryPlan
  }

  /// The most examples that a step computes at once.
  let most: Int
  /// The mean tokens of an example.
  let meanTokens: Double
  private let training: Training
  private let engine: CPUEngine
  private let batchSize: Int
  private let keepsBest: Bool
  private let steps: RunParts
  private let evaluation: RunParts?
  private let validation: (any TrainingSet)?
  private let resident: () -> ResidentMemory
  /// The most that the process held before anything was computed.
  private let peakBefore: Int
  private let grown = Grown()

  /// The bytes that parts of other lengths have taken so far: what grows with the number of steps.
  private final class Grown {
    var bytes = 0
  }

  init(
    _ training: Training, _ engine: CPUEngine, validation: (any TrainingSet)?, batchSize: Int,
    keepsBest: Bool, resident: @escaping () -> ResidentMemory
  ) {
    self.training = training
    self.engine = engine
    self.validation = validation
    self.batchSize = batchSize
    self.keepsBest = keepsBest
    self.resident = resident
    peakBefore = resident().peak
    let set = training.loader.set
    steps = RunParts(
      training.loader, steps: training.steps - training.number, accumulation: training.accumulation)
    evaluation = validation.map { RunParts(evaluating: $0, batchSize: batchSize) }
    // A process computes its share of a step, and of a micro-batch at once.
    let step = min(training.loader.batchSize * training.accumulation, set.count)
    let world = training.reducer.world
    most = min(training.loader.batchSize, set.count, (step + world - 1) / world)
    meanTokens = Double(steps.tokens(of: Array(0..<set.count))) / Double(set.count)
  }

  /// What the run takes with so many examples at once.
  ///
  /// - Parameter isLasting: whether some more parts of the run are computed, to see what grows with their number.
  func measured(_ count: Int, _ evaluated: Int, isLasting: Bool = false) -> Measured {
    engine.pool.trim()
    Heap.trim()
    touchTokenTable()
    let still = engine.pool.usage.inUse
    engine.pool.resetPeak()
    // Also reads the weights from the disk and makes the plans of the products.
    let parts = parts(atOnce: count)
    for part in parts { takeStep(part) }
    evaluate(atOnce: evaluated)
    let usage = engine.pool.usage
    let now = resident()
    let before = grown.bytes
    if isLasting {
      takeSomeSteps(count)
      grown.bytes += max(0, resident().current - now.current)
    }
    let tokens = parts.map { max(1, steps.tokens(of: $0)) }.max() ?? 1
    var memory = MemoryPlan()
    let model = training.trainable.model
    let own = Set(training.trainable.parameters)
    memory.weights = Set(model.architecture.parameters).subtracting(own)
      .reduce(0) { $0 + engine.residentBytes(of: model.store[$1]) }
    memory.trained = training.trainable.parameters.reduce(0) { $0 + 4 * $1.shape.count }
    memory.logits = min(usage.peak - still, logitBytes(for: tokens))
    // The first step holds the values before it beside the gradients, to see whether anything has moved.
    let step = max(usage.peak - still, training.number > 0 ? 0 : 2 * memory.trained)
    memory.activations = step - memory.logits
    memory.spare = max(0, usage.held - still - step)
    let moving = step + memory.spare
    let started = training.number > 0
    // It is there from the start, and so a part of what the process holds now.
    let remembered = training.allocator?.stateSize ?? 0
    memory.ranks = remembered + (training.allocator?.workSize ?? 0)
    let optimizer = training.optimizerStateSize
    memory.program = max(
      0,
      now.current - memory.weights - memory.trained - moving - before
        - remembered - (started ? optimizer : 0))
    memory.optimizer = optimizer
    // While a micro-batch is computed, the sums of those before it are there.
    if training.accumulation > 1 || count < most { memory.activations += memory.trained }
    memory.saving = saving(memory.trained, remembered, idle: moving)
    memory.caches = grown.bytes + caches()
    memory.reading = max(0, peakBefore - memory.total)
    return Measured(
      count: count, evaluated: evaluated, tokens: tokens, moving: moving, memory: memory)
  }

  /// The seconds of a token in the largest part of a step, computed once more.
  func secondsPerToken(_ count: Int) -> Double {
    guard let part = parts(atOnce: count).first else { return 0 }
    let start = ContinuousClock.now
    takeStep(part)
    return (ContinuousClock.now - start).seconds / Double(max(1, steps.tokens(of: part)))
  }

  /// The run with the most examples at once that a limit has room for; also limits the pool.
  ///
  /// - Throws: `PlanError` where not even one at a time fits.
  func fitting(_ limit: Int) throws(PlanError) -> Measured {
    let room = MemoryPlan.room(of: limit)
    // One at a time first, so that measuring stays within the limit too.
    var best = measured(1, evaluationCount(within: 0))
    guard best.memory.running <= room, peakBefore <= limit else {
      throw tooLittle(limit, measured(1, best.evaluated, isLasting: true))
    }
    if training.number > 0 {
      // As many as before, if they still fit: two measurements differ a little.
      let before = measured(
        training.examplesAtOnce ?? most, training.evaluatedAtOnce ?? batchSize, isLasting: true)
      if before.memory.running <= (room + limit) / 2 { return limitingPool(to: before, room) }
      engine.pool.trim()
    }
    // The least count that is known not to fit.
    var bound = (training.examplesAtOnce ?? most) + 1
    while best.count + 1 < bound {
      let free = room - best.memory.running
      engine.pool.limit = engine.pool.usage.inUse + best.moving + free
      // A part of more tokens takes fewer bytes for each of them.
      let tokens = best.tokens + free / max(1, best.moving / best.tokens)
      guard let count = largestCount(within: tokens, from: best.count + 1, below: bound) else {
        break
      }
      let next = measured(count, evaluationCount(within: largestTokens(count)))
      if next.memory.running <= room { best = next } else { bound = count }
    }
    // What grows with the number of steps has to fit too.
    while true {
      let lasting = measured(best.count, best.evaluated, isLasting: true)
      if lasting.memory.running <= room { return limitingPool(to: lasting, room) }
      if best.count == 1 {
        // Trying more at once has taken memory too, for which half of the margin is there.
        guard lasting.memory.running <= (room + limit) / 2 else { throw tooLittle(limit, lasting) }
        return limitingPool(to: lasting, room)
      }
      let count = best.count - (best.count + 7) / 8
      best = measured(count, evaluationCount(within: largestTokens(count)))
    }
  }

  /// Leaves the pool what is not taken by others.
  private func limitingPool(to measured: Measured, _ room: Int) -> Measured {
    engine.pool.limit =
      engine.pool.usage.inUse + measured.moving + measured.memory.optimizer + measured.memory.saving
      + max(0, room - measured.memory.running)
    engine.pool.trim()
    Heap.trim()
    return measured
  }
}

extension Planner {
  /// The refusal of a limit, with the smallest one that can be kept.
  private func tooLittle(_ limit: Int, _ one: Measured) -> PlanError {
    .tooLittle(
      limit: limit, least: MemoryPlan.leastLimit(running: one.memory.running, peak: peakBefore),
      plan: one.memory, recomputes: training.recomputesBlocks)
  }

  /// The most tokens computed together with so many examples at once.
  private func largestTokens(_ count: Int) -> Int {
    parts(atOnce: count).map { steps.tokens(of: $0) }.max() ?? 0
  }

  /// The greatest count in a range whose parts have at most so many tokens.
  private func largestCount(within tokens: Int, from first: Int, below bound: Int) -> Int? {
    var (low, high) = (first - 1, bound - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if largestTokens(middle) <= tokens { low = middle } else { high = middle - 1 }
    }
    return low >= first ? low : nil
  }

  /// The greatest number of rows evaluated at once that have at most so many tokens; at least one.
  ///
  /// Evaluation keeps nothing for a derivative, so it takes less than a step with as many tokens.
  private func evaluationCount(within tokens: Int) -> Int {
    guard let evaluation else { return batchSize }
    var (low, high) = (1, training.evaluatedAtOnce ?? batchSize)
    while low < high {
      let middle = (low + high + 1) / 2
      let largest = evaluation.largest(atOnce: middle).map { evaluation.tokens(of: $0) }.max() ?? 0
      if largest <= tokens { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// The largest parts of the run's steps with so many examples at once.
  private func parts(atOnce count: Int) -> [[Int]] {
    // Of a long run, and where processes divide a step, only the longest examples are a bound.
    guard steps.isWhole, training.reducer.world == 1 else { return [steps.longest(count)] }
    return steps.largest(atOnce: count)
  }

  private func takeStep(_ examples: [Int]) {
    var sum = GradientSum()
    let part = StepPart(microbatch: 0, examples: examples, rowsBefore: 0, sequencesBefore: 0)
    if training.loader.set.sharedCount > 0 {
      let model = training.trainable
      _ = training.loader.set.batch(at: examples).sharedSums(of: model.model, model.selection)
    }
    training.accumulate(part, into: &sum)
    training.addPenalty(to: &sum)
  }

  /// Computes parts of other lengths: what libraries keep for each length is a part of the run's memory.
  private func takeSomeSteps(_ count: Int) {
    let start = ContinuousClock.now
    for (number, part) in steps.some(24, atOnce: count).enumerated() {
      // On a busy machine too, some are computed.
      guard number < 8 || (ContinuousClock.now - start).seconds < 5 else { return }
      takeStep(part)
    }
  }

  private func evaluate(atOnce count: Int) {
    guard let validation, let evaluation else { return }
    let model = training.trainable.model
    for part in evaluation.largest(atOnce: count) {
      let batch = validation.batch(at: part)
      guard batch.lossCount > 0 else { continue }
      _ = batch.losses(
        of: model, model.pass(batch.rows, adapters: training.trainable.selection))
    }
  }

  /// Reads the rows of the token table that the run reads: of a mapped file, only they are in memory.
  private func touchTokenTable() {
    guard let table = training.trainable.model.tokenTable else { return }
    var isUsed = [Bool](repeating: false, count: table.shape.rows)
    var rows: [(set: any TrainingSet, examples: [Int])] = [(training.loader.set, steps.examples)]
    if let validation { rows.append((validation, Array(0..<validation.count))) }
    for (set, examples) in rows {
      for start in stride(from: 0, to: examples.count, by: 64) {
        let batch = set.batch(at: Array(examples[start..<min(start + 64, examples.count)]))
        for id in batch.ids { isUsed[Int(id)] = true }
      }
    }
    let ids = isUsed.indices.filter { isUsed[$0] }.map(Int32.init)
    for start in stride(from: 0, to: ids.count, by: 256) {
      let part = Array(ids[start..<min(start + 256, ids.count)])
      _ = engine.rows(of: table, at: engine.tensor(part, [part.count]), type: .float32)
    }
  }

  /// The bytes of the logits that are there at one time.
  private func logitBytes(for tokens: Int) -> Int {
    let model = training.trainable.model
    guard let causal = model.architecture as? CausalModel else { return 0 }
    let vocabulary = model.architecture.vocabularySize
    let isFrozen = !training.trainable.parameters.contains(causal.head.weight)
    return isFrozen && training.labelSmoothing == 0
      ? HeadBlock(rows: tokens, vocabulary: vocabulary, width: causal.backbone.width).bytes
      : HeadChunk(rows: tokens, vocabulary: vocabulary).bytes
  }

  /// The bytes of the best adapter, and those that a save takes beyond the idle ones, which are returned before: the
  /// values, the state of three times as many, which is read back, what a rule of ranks remembers, twice, and buffers.
  private func saving(_ trained: Int, _ remembered: Int, idle: Int) -> Int {
    (keepsBest ? trained : 0) + max(0, 4 * trained + 2 * remembered + 4_000_000 - idle)
  }

  /// The bytes that a run takes by and by.
  private func caches() -> Int { 6_000_000 + 240 * training.steps }
}

extension Model {
  /// The values of the table of the tokens; nil for images, whose places are all read.
  fileprivate var tokenTable: Tensor? {
    let backbone = (architecture as? CausalModel)?.backbone ?? classifier?.backbone
    return backbone.flatMap { $0.imageInput == nil ? store[$0.tokenTable.weight] : nil }
  }
}
