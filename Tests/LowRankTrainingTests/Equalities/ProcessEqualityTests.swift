import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `A run in several processes` {
  /// Examples of unequal lengths.
  private static let set = ExampleSet(
    (0..<11).map { row in
      let length = 2 + (row * 7) % 9
      let ids = (0..<length).map { Int32(($0 * 5 + row * 3) % 11) }
      return Example(ids: ids, trained: [row % 2..<length])
    }, source: "examples")

  private struct Outcome: Sendable {
    let steps: [TrainingStep]
    let factors: [Float]
    let validation: Evaluation
  }

  private static func run(
    _ engine: any Engine, _ reducer: any Reducer, packs: Int? = nil, atOnce: Int? = nil,
    batchSize: Int = 4, accumulation: Int = 2, seed: UInt64 = 1
  ) throws -> Outcome {
    var base = try TinyModels.gpt2(on: engine)
    base.architecture.setDropout(0.2)
    let configuration = AdapterConfiguration(
      target: .allLinear, method: LoRA(dropout: 0.3), ranks: PatternRanks(rank: 2, alpha: 4))
    let adapter = try Adapter(on: base, configuration: configuration, seed: seed)
    let rows: any TrainingSet = packs.map { set.packed(capacity: $0, seed: 1) } ?? set
    var training = try Training(
      adapter, on: rows, optimizer: .adamW(learningRate: 0.02, maxGradientNorm: 0.5), steps: 6,
      batchSize: batchSize, accumulation: accumulation, seed: 5, reducer: reducer)
    training.examplesAtOnce = atOnce
    var steps: [TrainingStep] = []
    while let step = try training.next() { steps.append(step) }
    let validation = try #require(
      try Evaluation(training, on: set, batchSize: 2, until: { false }))
    return Outcome(
      steps: steps,
      factors: training.adapter.trainable.flatMap { engine.floats(training.model.store[$0]) },
      validation: validation)
  }

  private func expect(_ found: Outcome, equals whole: Outcome, within tolerance: Double) {
    #expect(found.steps.count == whole.steps.count)
    for (a, b) in zip(found.steps, whole.steps) {
      #expect(abs(a.loss - b.loss) <= tolerance, "step \(a.number)")
      #expect(a.tokens == b.tokens && a.inputTokens == b.inputTokens)
    }
    let error = zip(found.factors, whole.factors).reduce(0) { $0 + pow2($1.0 - $1.1) }
    let size = whole.factors.reduce(0) { $0 + pow2($1) }
    #expect(error.squareRoot() <= 10 * tolerance * size.squareRoot())
    #expect(abs(found.validation.loss - whole.validation.loss) <= tolerance)
    #expect(found.validation.tokens == whole.validation.tokens)
  }

  private func pow2(_ x: Float) -> Double { Double(x) * Double(x) }

  @Test(arguments: [1, 2, 3, 5, 9])
  func `is the run of one, dropout included`(world: Int) throws {
    let whole = try Self.run(ReferenceEngine(), SingleProcess())
    #expect(whole.steps[0].loss != whole.steps[5].loss)
    let parts = try LocalProcesses.run(world) { try Self.run(ReferenceEngine(), $0) }
    for part in parts { expect(part, equals: whole, within: 1e-6) }
    // All have the same bits: what one saves is what each has.
    for part in parts { #expect(part.factors == parts[0].factors) }
  }

  @Test func `is the run of one on kernels, packed, and rows one at a time`() throws {
    let whole = try Self.run(CPUEngine(), SingleProcess(), packs: 12)
    let parts = try LocalProcesses.run(3) {
      try Self.run(CPUEngine(), $0, packs: 12, atOnce: 1)
    }
    for part in parts { expect(part, equals: whole, within: 1e-5) }
  }

  @Test func `drops the same however many rows are computed at once`() throws {
    let whole = try Self.run(ReferenceEngine(), SingleProcess(), batchSize: 11, accumulation: 1)
    for count in [1, 3, 7] {
      let parts = try Self.run(
        ReferenceEngine(), SingleProcess(), atOnce: count, batchSize: 11, accumulation: 1)
      expect(parts, equals: whole, within: 1e-6)
    }
  }

  @Test func `begins with the values of the first`() throws {
    let whole = try Self.run(ReferenceEngine(), SingleProcess(), seed: 1)
    let parts = try LocalProcesses.run(2) { process in
      try Self.run(ReferenceEngine(), process, seed: process.rank == 0 ? 1 : 77)
    }
    for part in parts { expect(part, equals: whole, within: 1e-6) }
  }
}
