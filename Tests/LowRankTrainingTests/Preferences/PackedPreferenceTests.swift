import Foundation
import LowRankAdapters
import LowRankTensors
import LowRankTraining
import LowRankTransformers
import Testing

/// DPO on a base of packed weights: the loss is that of the same numbers in F32, and learning goes on from there.
@Suite struct `Preferences on a packed base` {
  private static let examples = (0..<4).map { row in
    func ids(_ count: Int, _ key: Int32) -> [Int32] {
      (0..<Int32(count)).map { ($0 * 37 + key * 11 + Int32(row) * 5) % 200 + 1 }
    }
    return PreferenceExample(
      prompt: ids(2 + row, 1), chosen: ids(3, 2), rejected: ids(2 + row % 3, 7))
  }
  private static let beta = 0.5

  /// A packed base, and the same numbers in F32.
  private func bases() throws -> (packed: Model, dense: Model) {
    let engine = CPUEngine()
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../LowRankTransformersTests/Fixtures/gguf/llama.gguf"
    ).standardized
    let packed = try Model(from: file, precision: .float32, engine: engine)
    #expect(packed.architecture.parameters.contains { packed.store[$0].type.isPacked })
    var dense = packed
    for parameter in packed.architecture.parameters {
      dense.store[parameter] = engine.converted(packed.store[parameter], to: .float32)
    }
    return (packed, dense)
  }

  /// An adapter, fresh, or moved so that rewards are not 0 before the first step.
  private func adapter(on base: Model, isMoved: Bool) throws -> Adapter {
    var adapter = try Adapter(
      on: base, targets: .allLinear, update: .lora(rank: 2, alpha: 4), seed: 5)
    guard isMoved else { return adapter }
    var random = Philox(key: 2)
    for parameter in adapter.trainable where parameter.role == .up {
      adapter.values[parameter] = base.engine.tensor(
        (0..<parameter.shape.count).map { _ in 0.2 * Float(random.normal()) }, parameter.shape,
        type: .float32)
    }
    return adapter
  }

  private func training(_ adapter: Adapter, steps: Int) throws -> Training {
    var objective = PreferenceObjective(.dpo)
    objective.beta = Self.beta
    let set = PreferenceSet(
      Self.examples, source: "examples", objective: objective, maxLength: 32,
      reference: ReferencePolicy(adapter.base))
    return try Training(
      adapter, on: set, optimizer: .adamW(learningRate: 0.01, schedule: .constant), steps: steps,
      batchSize: Self.examples.count, shuffles: false)
  }

  /// The rewards of the chosen and the rejected answers by their definition, β(log π(y|x) − log π₀(y|x)).
  private func rewards(of adapter: Adapter) -> [(chosen: Double, rejected: Double)] {
    func likelihood(_ ids: [Int32], after prompt: Int, _ selection: AdapterSelection) -> Double {
      let model = adapter.model
      let width = model.architecture.vocabularySize
      let logits = model.engine.floats(model.logits(ids, adapters: selection)).map(Double.init)
      return (prompt..<ids.count).reduce(0) { sum, place in
        let row = logits[(place - 1) * width..<place * width]
        let most = row.max() ?? 0
        let all = log(row.reduce(0) { $0 + exp($1 - most) }) + most
        return sum + logits[(place - 1) * width + Int(ids[place])] - all
      }
    }
    return Self.examples.map { example in
      let values = example.sides.map { side in
        Self.beta
          * (likelihood(side.ids, after: example.promptCount, adapter.selection)
            - likelihood(side.ids, after: example.promptCount, .none))
      }
      return (values[0], values[1])
    }
  }

  @Test func `have the loss and the rewards of the dense base, by the formula`() throws {
    let (packed, dense) = try bases()
    let rewards = rewards(of: try adapter(on: dense, isMoved: true))
    let count = Double(rewards.count)
    let loss = rewards.reduce(0) { $0 + log(1 + exp($1.rejected - $1.chosen)) } / count
    #expect(abs(loss - log(2)) > 0.01, "the adapter does nothing")
    let chosen = rewards.reduce(0) { $0 + $1.chosen } / count
    let rejected = rewards.reduce(0) { $0 + $1.rejected } / count
    for base in [packed, dense] {
      var training = try training(adapter(on: base, isMoved: true), steps: 1)
      let step = try #require(try training.next())
      let measures = try #require(step.preferences)
      #expect(abs(step.loss - loss) < 1e-5)
      #expect(abs(try #require(measures.chosenReward) - chosen) < 1e-5)
      #expect(abs(try #require(measures.rejectedReward) - rejected) < 1e-5)
      let won = Double(rewards.count { $0.chosen > $0.rejected })
      #expect(measures.accuracy == won / count)
    }
  }

  @Test func `begin at log 2, and move the rewards apart as on the dense base`() throws {
    let (packed, dense) = try bases()
    var margins: [[Double]] = []
    for base in [packed, dense] {
      var training = try training(adapter(on: base, isMoved: false), steps: 12)
      var steps: [TrainingStep] = []
      while let step = try training.next() { steps.append(step) }
      #expect(abs(steps[0].loss - log(2)) < 1e-5)
      #expect(abs(try #require(steps[0].preferences?.margin)) < 1e-5)
      let last = try #require(steps.last?.preferences)
      #expect(try #require(last.margin) > 0.1)
      #expect(try #require(last.chosenReward) > #require(last.rejectedReward))
      #expect(last.accuracy == 1)
      #expect(steps[11].loss < log(2) - 0.05)
      margins.append(try steps.map { try #require($0.preferences?.margin) })
    }
    // The weights of the base are the same numbers, so the runs stay together.
    for (a, b) in zip(margins[0], margins[1]) { #expect(abs(a - b) < 0.01 * max(1, abs(b))) }
  }
}
