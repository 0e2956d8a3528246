import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `A run` {
  /// Eight examples of unequal lengths, of which unequal parts are trained.
  private let set = ExampleSet(
    (0..<8).map { row in
      let length = 3 + row % 5
      let ids = (0..<length).map { Int32(($0 * 5 + row * 3) % 11) }
      return Example(ids: ids, trained: [row % 2..<length])
    }, source: "examples")

  private func run(
    _ base: Model, batchSize: Int, accumulation: Int, steps: Int = 3, shuffles: Bool = false,
    dropout: Double = 0, recomputes: Bool = false, smoothing: Double = 0
  ) throws -> (losses: [Double], adapter: Adapter) {
    let configuration = AdapterConfiguration(
      target: .allLinear, method: LoRA(dropout: dropout), ranks: PatternRanks(rank: 2, alpha: 4))
    let adapter = try Adapter(on: base, configuration: configuration, seed: 1)
    var training = try Training(
      adapter, on: set, optimizer: .adamW(learningRate: 0.01), steps: steps,
      batchSize: batchSize, accumulation: accumulation, seed: 5, shuffles: shuffles)
    training.recomputesBlocks = recomputes
    training.labelSmoothing = smoothing
    var losses: [Double] = []
    while let step = try training.next() { losses.append(step.loss) }
    return (losses, training.adapter)
  }

  private func factors(_ adapter: Adapter) -> [Float] {
    adapter.trainable.flatMap { adapter.base.engine.floats(adapter.values[$0]) }
  }

  @Test func `of accumulated micro-batches is that of the large batch`() throws {
    let base = try TinyModels.gpt2(on: ReferenceEngine())
    let large = try run(base, batchSize: 8, accumulation: 1)
    for (size, count) in [(4, 2), (2, 4), (1, 8), (3, 3)] {
      let small = try run(base, batchSize: size, accumulation: count)
      for (a, b) in zip(small.losses, large.losses) { #expect(abs(a - b) < 1e-6) }
      let difference = zip(factors(small.adapter), factors(large.adapter)).map { $0 - $1 }
      #expect(difference.allSatisfy { abs($0) < 1e-6 })
    }
  }

  private func threeSteps(of base: Model) throws -> Training {
    let configuration = AdapterConfiguration(
      target: .allLinear, method: LoRA(), ranks: PatternRanks(rank: 2, alpha: 4))
    return try Training(
      Adapter(on: base, configuration: configuration, seed: 1), on: set,
      optimizer: .adamW(learningRate: 0.01), steps: 3, batchSize: 8, accumulation: 1, seed: 5,
      shuffles: false)
  }

  @Test func `returns its idle memory and goes on as before`() throws {
    let engine = CPUEngine()
    let base = try TinyModels.llama(on: engine)
    let expected = try run(base, batchSize: 8, accumulation: 1)
    var training = try threeSteps(of: base)
    var losses: [Double] = []
    while let step = try training.next() {
      losses.append(step.loss)
      // More than a step of this model leaves.
      _ = engine.zeros([1 << 22], type: .float32)
      #expect(engine.pool.usage.held > 1 << 24)
      training.returnIdleMemory()
      #expect(engine.pool.usage.held < engine.pool.usage.inUse + 2 << 21)
    }
    #expect(losses == expected.losses)
  }

  @Test func `leaves tensors what other memory of the process leaves of a limit`() throws {
    let engine = CPUEngine()
    let base = try TinyModels.llama(on: engine)
    var training = try threeSteps(of: base)
    _ = try training.next()
    _ = engine.zeros([1 << 24], type: .float32)
    let tensors = engine.pool.usage.held
    #expect(tensors >= 1 << 26)
    // Others hold 100 MB of 140 MB: tensors may hold 40 MB, and what lies idle beyond is returned.
    training.keepMemory(within: 140_000_000, held: 100_000_000 + tensors)
    #expect(engine.pool.limit == 40_000_000)
    #expect(engine.pool.usage.held < 40_000_000)
    // Below the limit, nothing is returned.
    _ = engine.zeros([1 << 23], type: .float32)
    let fewer = engine.pool.usage.held
    training.keepMemory(within: 140_000_000, held: 90_000_000 + fewer)
    #expect(engine.pool.limit == 50_000_000)
    #expect(engine.pool.usage.held == fewer)
    // Where others leave nothing, tensors in use stay.
    training.keepMemory(within: 140_000_000, held: 200_000_000)
    #expect(engine.pool.limit == engine.pool.usage.inUse)
    _ = try training.next()
  }

  @Test func `repeats itself bit for bit, dropout included`() throws {
    let base = try TinyModels.llama(on: CPUEngine())
    let first = try run(base, batchSize: 3, accumulation: 2, shuffles: true, dropout: 0.3)
    let again = try run(base, batchSize: 3, accumulation: 2, shuffles: true, dropout: 0.3)
    #expect(first.losses == again.losses)
    #expect(factors(first.adapter) == factors(again.adapter))
    let without = try run(base, batchSize: 3, accumulation: 2, shuffles: true)
    #expect(first.losses != without.losses)
  }

  @Test(arguments: [0, 0.1])
  func `is bit for bit the same with blocks recomputed, dropouts included`(base: Double) throws {
    let rates: JSONObject = [
      "resid_pdrop": .double(base), "attn_pdrop": .double(base), "attention_dropout": .double(base),
    ]
    for model in [
      try TinyModels.gpt2(on: CPUEngine(), changing: rates),
      try TinyModels.llama(on: CPUEngine(), changing: rates),
    ] {
      let kept = try run(model, batchSize: 3, accumulation: 2, shuffles: true, dropout: 0.2)
      let again = try run(
        model, batchSize: 3, accumulation: 2, shuffles: true, dropout: 0.2, recomputes: true)
      #expect(kept.losses == again.losses)
      #expect(factors(kept.adapter) == factors(again.adapter))
    }
  }

  @Test func `can smooth labels, by torch's definition`() throws {
    // With logits z: (1 − ε)(−log p) + ε · mean(−log p), worked out from the plain losses of every token.
    let base = try TinyModels.llama(on: ReferenceEngine())
    let batch = set.batch(at: [0, 1, 2])
    let count = base.architecture.vocabularySize
    func losses(_ labels: [Int32], _ smoothing: Float) -> [Double] {
      var pass = base.pass(batch.rows)
      pass.labelSmoothing = smoothing
      return base.engine.floats(
        base.causal.losses(
          base.engine.tensor(batch.ids, [batch.ids.count]), rows: batch.labelRows, labels: labels,
          pass)
      ).map(Double.init)
    }
    let plain = losses(batch.labels, 0)
    var mean = [Double](repeating: 0, count: plain.count)
    for token in 0..<count {
      let own = losses([Int32](repeating: Int32(token), count: plain.count), 0)
      for index in mean.indices { mean[index] += own[index] / Double(count) }
    }
    for (index, smoothed) in losses(batch.labels, 0.1).enumerated() {
      #expect(abs(smoothed - (0.9 * plain[index] + 0.1 * mean[index])) < 1e-5)
    }
    let smooth = try run(base, batchSize: 3, accumulation: 1, smoothing: 0.1)
    let sharp = try run(base, batchSize: 3, accumulation: 1)
    #expect(factors(smooth.adapter) != factors(sharp.adapter))
  }

  @Test func `reports the mean loss of the trained tokens, as an evaluation does`() throws {
    let base = try TinyModels.llama(on: CPUEngine())
    let step = try run(base, batchSize: 8, accumulation: 1, steps: 1)
    let evaluation = Evaluation(base, on: set, batchSize: 3)
    #expect(evaluation.tokens == set.counts.trainedTokens)
    #expect(abs(evaluation.loss - step.losses[0]) < 1e-5)
  }

  @Test func `that diverges stops before it changes anything`() throws {
    var base = try TinyModels.gpt2(on: CPUEngine())
    let broken = try #require(base.architecture.parameters.first { $0.role == .norm })
    base.store[broken] = base.engine.filled(.infinity, broken.shape)
    let error = #expect(throws: TrainingError.self) {
      try run(base, batchSize: 2, accumulation: 1, steps: 1)
    }
    #expect(error?.description.contains("first at transformer.h.0") == true, "\(error as Any)")
    #expect(error?.description.contains("for rows 1, 2 of examples") == true)
  }

  @Test func `that is poisoned by one row names it`() throws {
    var base = try TinyModels.gpt2(on: CPUEngine())
    let table = try #require(base.architecture.parameters.first { $0.path.hasSuffix("wte.weight") })
    // Token 10 alone has an infinite embedding; of the first two rows only one has it.
    var values = base.engine.floats(base.store[table])
    let width = table.shape[1]
    for column in 0..<width { values[10 * width + column] = .infinity }
    base.store[table] = base.engine.tensor(values, table.shape, type: .float32)
    let examples = ExampleSet(
      [
        Example(ids: [1, 2, 3, 4], trained: [0..<4]),
        Example(ids: [1, 10, 3, 4], trained: [0..<4]),
      ], source: "two rows")
    let configuration = AdapterConfiguration(ranks: PatternRanks(rank: 2, alpha: 4))
    let adapter = try Adapter(on: base, configuration: configuration, seed: 1)
    var training = try Training(
      adapter, on: examples, optimizer: .adamW(learningRate: 0.01), steps: 1, batchSize: 2)
    let error = #expect(throws: TrainingError.self) { try training.next() }
    #expect(error?.description.contains("row") == true, "\(error as Any)")
    #expect(training.number == 0)
  }

  @Test func `that moves nothing says so at its first step`() throws {
    let base = try TinyModels.gpt2(on: CPUEngine())
    let configuration = AdapterConfiguration(
      target: .allLinear, ranks: PatternRanks(rank: 2, alpha: 4))
    var adapter = try Adapter(on: base, configuration: configuration, seed: 1)
    // With both factors zero neither has a gradient, as a broken start would have it.
    for parameter in adapter.trainable {
      adapter.values[parameter] = base.engine.zeros(parameter.shape, type: .float32)
    }
    var training = try Training(
      adapter, on: set, optimizer: .adamW(learningRate: 0.01), steps: 3, batchSize: 2)
    let error = #expect(throws: TrainingError.self) { try training.next() }
    #expect(error == .nothingMoved(step: 1))
  }

  @Test func `whose step is too small for its numbers says so`() throws {
    let base = try TinyModels.gpt2(on: CPUEngine())
    let configuration = AdapterConfiguration(
      target: .allLinear, ranks: PatternRanks(rank: 2, alpha: 4))
    var adapter = try Adapter(on: base, configuration: configuration, seed: 1)
    // A zero would move by any step.
    for parameter in adapter.trainable {
      let ones = [Float](repeating: 1, count: parameter.shape.count)
      adapter.values[parameter] = base.engine.tensor(ones, parameter.shape, type: .float32)
    }
    var training = try Training(
      adapter, on: set, optimizer: .adamW(learningRate: 1e-12), steps: 3, batchSize: 2)
    let error = #expect(throws: TrainingError.self) { try training.next() }
    guard case .tooSmallStep(step: 1, _) = error else {
      Issue.record("\(String(describing: error))"); return
    }
  }

  @Test func `of all weights lowers the loss and leaves the first model as it was`() throws {
    let base = try TinyModels.gpt2(on: CPUEngine())
    let before = Evaluation(base, on: set)
    var training = try Training(
      all: base, on: set, optimizer: .adamW(learningRate: 0.02), steps: 40, batchSize: 8)
    while try training.next() != nil {}
    #expect(Evaluation(training, on: set).loss < 0.5 * before.loss)
    #expect(Evaluation(base, on: set) == before)
  }
}
