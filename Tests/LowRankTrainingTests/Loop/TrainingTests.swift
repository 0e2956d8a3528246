import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `A run` {
  /// Eight examples of unequal lengths, of which unequal parts are learnt.
  private let set = ExampleSet(
    (0..<8).map { row in
      let length = 3 + row % 5
      let ids = (0..<length).map { Int32(($0 * 5 + row * 3) % 11) }
      return Example(ids: ids, trained: [row % 2..<length])
    }, source: "examples")

  private func run(
    _ base: Model, batchSize: Int, accumulation: Int, steps: Int = 3, shuffles: Bool = false,
    dropout: Float = 0
  ) throws -> (losses: [Double], adapter: Adapter) {
    let configuration = AdapterConfiguration(
      target: .allLinear, method: LoRA(dropout: dropout), ranks: PatternRanks(rank: 2, alpha: 4))
    let adapter = try Adapter(on: base, configuration: configuration, seed: 1)
    var training = try Training(
      adapter, on: set, optimizer: .adamW(learningRate: 0.01), steps: steps,
      batchSize: batchSize, accumulation: accumulation, seed: 5, shuffles: shuffles)
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

  @Test func `repeats itself bit for bit, dropout included`() throws {
    let base = try TinyModels.llama(on: CPUEngine())
    let first = try run(base, batchSize: 3, accumulation: 2, shuffles: true, dropout: 0.3)
    let again = try run(base, batchSize: 3, accumulation: 2, shuffles: true, dropout: 0.3)
    #expect(first.losses == again.losses)
    #expect(factors(first.adapter) == factors(again.adapter))
    let without = try run(base, batchSize: 3, accumulation: 2, shuffles: true)
    #expect(first.losses != without.losses)
  }

  @Test func `reports the mean loss of the learnt tokens, as an evaluation does`() throws {
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
    #expect(throws: TrainingError.self) {
      try run(base, batchSize: 2, accumulation: 1, steps: 1)
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
