import LowRankAdapters
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

/// Where everything is computed in double precision, the derivative of a step is that of its loss.
@Suite struct `The derivative of a loss of preferences` {
  private static let objectives: [PreferenceObjective] = {
    var objectives = PreferenceObjective.Method.allCases.map { PreferenceObjective($0) }
    for type in PreferenceObjective.LossType.allCases {
      var objective = PreferenceObjective(.dpo)
      (objective.lossType, objective.beta) = (type, 0.6)
      objective.labelSmoothing = type == .sigmoid || type == .robust ? 0.2 : 0
      objectives.append(objective)
    }
    return objectives
  }()

  private static func set(_ objective: PreferenceObjective, _ base: Model) -> PreferenceSet {
    let examples = (0..<3).map { row in
      func ids(_ count: Int, _ key: Int) -> [Int32] {
        (0..<count).map { Int32(($0 * 5 + key * 3 + row) % 11) }
      }
      return objective.isPaired
        ? PreferenceExample(prompt: ids(1 + row, 1), chosen: ids(3, 2), rejected: ids(2 + row, 4))
        : PreferenceExample(prompt: ids(1 + row, 1), answer: ids(3, 2), isDesirable: row != 1)
    }
    return PreferenceSet(
      examples, source: "examples", objective: objective, maxLength: 32,
      reference: ReferencePolicy(base))
  }

  /// With the head trained too, whose gradient sums over rows.
  @Test(arguments: objectives, [false, true])
  func `is that of central differences`(
    objective: PreferenceObjective, trainsHead: Bool
  ) throws {
    let engine = ReferenceEngine()
    let base = try TinyModels.gpt2(on: engine)
    var adapter = try Adapter(
      on: base,
      configuration: AdapterConfiguration(
        target: .allLinear, ranks: PatternRanks(rank: 2, alpha: 4),
        modulesToSave: trainsHead ? ["lm_head"] : []), seed: 3)
    var random = Philox(key: 8)
    for parameter in adapter.trainable where parameter.role == .up {
      adapter.values[parameter] = engine.tensor(
        (0..<parameter.shape.count).map { _ in 0.2 * random.normal() }, parameter.shape)
    }
    let set = Self.set(objective, base)
    let batch = set.batch(at: [0, 1, 2])
    let (model, selection) = (adapter.model, adapter.selection)
    // The estimate of the divergence is held constant.
    let shared = batch.sharedSums(of: model, selection)
    let tape = Tape(on: engine)
    for parameter in adapter.trainable { tape.watch(model.store[parameter], as: parameter) }
    let losses = batch.result(
      of: model, model.pass(batch.rows, tape: tape, adapters: selection), shared: shared
    ).losses
    let gradients = tape.gradients(from: [(losses, engine.filled(1, losses.shape))])
    // One parameter of each kind: the derivative below it is that of other operations.
    let chosen = ["lora_A", "lora_B", "lm_head"].compactMap { name in
      adapter.trainable.last { $0.path.contains(name) }
    }
    #expect(chosen.count == (trainsHead ? 3 : 2))
    for parameter in chosen {
      let point = Array(engine.doubles(model.store[parameter]).prefix(5))
      let rest = engine.doubles(model.store[parameter]).dropFirst(5)
      let expected = centralDifferences(
        of: { numbers in
          var moved = model
          moved.store[parameter] = engine.tensor(numbers + rest, parameter.shape)
          let losses = batch.result(
            of: moved, moved.pass(batch.rows, adapters: selection), shared: shared
          ).losses
          return engine.doubles(losses).reduce(0, +)
        }, at: point, step: 1e-4)
      let found = engine.doubles(try #require(gradients[parameter])).prefix(5)
      #expect(relativeDistance(Array(found), from: expected) < 1e-7, "\(parameter.path)")
    }
  }
}
