import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

/// One batch of unequal rows with masked prompts, of which Oracles/equalities_fixture.py had PyTorch compute loss and
/// gradients in double precision: padded right, padded left, and row by row.
@Suite struct `Loss and gradients are PyTorch's on the padded batch` {
  /// How the same eight rows are computed.
  struct Way: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var batchSize = 8
    var accumulation = 1
    var atOnce: Int?
    var packs: Int?
    var recomputes = false
  }

  static let ways = [
    Way(testDescription: "a batch of 8"),
    Way(testDescription: "2 × 4 accumulated", batchSize: 4, accumulation: 2),
    Way(testDescription: "8 × 1 accumulated", batchSize: 1, accumulation: 8),
    Way(testDescription: "3 + 3 + 2 rows at once", atOnce: 3),
    Way(testDescription: "packed into 20 tokens", packs: 20),
    Way(testDescription: "packs one at a time", atOnce: 1, packs: 20),
    Way(testDescription: "blocks recomputed", recomputes: true),
    Way(
      testDescription: "2 × 4 with blocks recomputed", batchSize: 4, accumulation: 2,
      recomputes: true),
  ]

  @Test(arguments: ["gpt2-all-linear", "qwen2-all-linear"], ways)
  func `norm-wise within 1e-6 where arithmetic is exact`(_ name: String, _ way: Way) throws {
    try check(PaddedBatch(name, on: ReferenceEngine()), way, within: 1e-6)
  }

  @Test(arguments: ["gpt2-all-linear", "qwen2-all-linear"], ways)
  func `and within the rounding of PyTorch's own single precision`(_ name: String, _ way: Way)
    throws
  {
    let batch = try PaddedBatch(name, on: CPUEngine())
    #expect(batch.noise < 1e-5)
    try check(batch, way, within: 2 * batch.noise)
  }

  private func check(_ batch: PaddedBatch, _ way: Way, within tolerance: Double) throws {
    let step = try batch.step(way)
    #expect(abs(step.loss - batch.loss) <= 1e-6 * batch.loss, "\(step.loss), not \(batch.loss)")
    var (error, size) = (0.0, 0.0)
    for (path, expected) in batch.gradients {
      let found = try #require(step.gradients[path], "\(path)")
      #expect(found.count == expected.count)
      error += zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      size += expected.reduce(0) { $0 + $1 * $1 }
    }
    #expect(size > 0)
    #expect(error.squareRoot() <= tolerance * size.squareRoot(), "\((error / size).squareRoot())")
  }

  @Test func `and no row sees another`() throws {
    // Were packed rows to see each other, or positions to run on, the last row's loss would change with the others.
    let batch = try PaddedBatch("qwen2-all-linear", on: ReferenceEngine())
    let model = batch.adapter.model
    let last = batch.set.examples.count - 1
    func losses(_ rows: [Int]) -> [Float] {
      let packed = batch.set.batch(at: rows)
      return model.engine.floats(
        packed.losses(of: model, model.pass(packed.rows, adapters: batch.adapter.selection)))
    }
    let alone = losses([last])
    let together = losses(Array(0...last)).suffix(alone.count)
    for (a, b) in zip(alone, together) { #expect(abs(a - b) <= 1e-6 * abs(a)) }
  }
}

/// The rows of a fixture with what PyTorch found for them.
private struct PaddedBatch {
  let adapter: Adapter
  let set: ExampleSet
  let loss: Double
  let noise: Double
  let gradients: [String: [Double]]

  init(_ name: String, on engine: any Engine) throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../..").standardized
    let folder = tests.appending(path: "LowRankAdaptersTests/Fixtures/\(name)")
    let base = try JSONFile(at: folder.appending(path: "base.json")).string("base")
    var model = try Model(
      from: folder.appending(path: base).standardized, precision: .float32, engine: engine)
    model.architecture.setDropout(0)
    adapter = try Adapter(from: folder, on: model)
    let file = try SafetensorsFile(
      at: tests.appending(path: "LowRankTrainingTests/Fixtures/equalities/\(name).safetensors"))
    func numbers(_ name: String) throws -> StoredTensor {
      try #require(file[TensorName(name)], "\(name)")
    }
    set = ExampleSet(
      try (0..<8).map { row in
        let ids = try numbers("ids.\(row)").int32s()
        return Example(
          ids: ids, trained: [Int(try numbers("prompt.\(row)").int32s()[0])..<ids.count])
      }, source: "the fixture")
    noise = Double(try numbers("noise").floats()[0])
    loss = Double(try numbers("loss").floats()[0])
    gradients = try Dictionary(
      uniqueKeysWithValues: adapter.trainable.map {
        let stored = try numbers("gradient.base_model.model.\($0.path)")
        return ($0.path, try stored.floats().map(Double.init))
      })
  }

  /// One step over all rows, by what an optimizer is given.
  func step(_ way: `Loss and gradients are PyTorch's on the padded batch`.Way) throws -> (
    loss: Double, gradients: [String: [Double]]
  ) {
    let rows: any TrainingSet = way.packs.map { set.packed(capacity: $0, seed: 1) } ?? set
    let witness = Witness()
    var training = try Training(
      adapter, on: rows,
      optimizer: Optimization(WitnessedOptimizer(witness: witness), learningRate: .init(0)),
      steps: 1, batchSize: way.batchSize, accumulation: way.accumulation, shuffles: false)
    training.examplesAtOnce = way.atOnce
    training.recomputesBlocks = way.recomputes
    let step = try #require(try training.next())
    return (step.loss, witness.gradients)
  }
}

private final class Witness: @unchecked Sendable {
  var gradients: [String: [Double]] = [:]
}

/// Changes nothing and remembers the mean gradients that it is given.
private struct WitnessedOptimizer: Optimizer {
  let witness: Witness

  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) {
    for member in groups.flatMap(\.members) {
      witness.gradients[member.parameter.path] = step.engine.floats(member.gradient)
        .map { Double($0) * step.gradientScale }
    }
  }

  mutating func mask(_ parameter: Parameter, by mask: Tensor, on engine: any Engine) {}

  func state(on engine: any Engine) -> [TensorName: Tensor] { [:] }
  func stateSize(of parameters: [Parameter]) -> Int { 0 }
  mutating func restore(
    _ state: [TensorName: Tensor], of parameters: [Parameter], on engine: any Engine
  ) {}
}
