import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import LowRankTransformers
import Testing

/// One batch of preferences, of which Oracles/preference_fixture.py had TRL's trainers compute loss, rewards and gradients in
/// single precision.
@Suite struct `Losses of preferences are TRL's` {
  static let cases = [
    "sigmoid", "smoothed", "hinge", "ipo", "robust", "frozen", "simpo", "orpo", "kto",
  ]

  @Test(arguments: cases, [nil, 1, 3])
  func `with rewards and the gradients of factors, within 1e-5`(
    _ name: String, atOnce: Int?
  ) throws {
    let fixture = try PreferenceFixture(name, on: CPUEngine())
    let step = try fixture.step(atOnce: atOnce)
    let measures = try #require(step.step.preferences)
    #expect(abs(step.step.loss - (try fixture.number("loss"))) < 1e-5)
    let found: [(String, Double?)] = [
      ("chosen_reward", measures.chosenReward), ("rejected_reward", measures.rejectedReward),
      ("margin", measures.margin), ("accuracy", measures.accuracy),
      ("kl", measures.meanDivergence),
    ]
    for (key, value) in found where fixture.results[key] != nil {
      #expect(abs(try #require(value) - (try fixture.number(key))) < 1e-5, "\(key)")
    }
    #expect((fixture.results["kl"] != nil) == (measures.meanDivergence != nil))
    var size = 0.0
    for (path, expected) in fixture.gradients {
      let gradient = try #require(step.gradients[path], "\(path)")
      #expect(gradient.count == expected.count)
      // Large numbers have the rounding of large numbers.
      let tolerance = 1e-5 * max(1, expected.map(abs).max() ?? 0)
      for (a, b) in zip(gradient, expected) { #expect(abs(a - b) < tolerance, "\(path)") }
      size += expected.reduce(0) { $0 + $1 * $1 }
    }
    #expect(size > 1e-6)
  }

  @Test(arguments: cases)
  func `and an evaluation has the loss and the rewards of the step`(_ name: String) throws {
    let fixture = try PreferenceFixture(name, on: CPUEngine())
    let result = PreferenceEvaluation(
      fixture.adapter.model, adapters: fixture.adapter.selection, on: fixture.set, batchSize: 3)
    #expect(abs(result.loss - (try fixture.number("loss"))) < 1e-5)
    #expect(
      abs(try #require(result.measures.margin) - (try fixture.number("margin"))) < 1e-5)
    #expect(result.json["rows"] == .integer(4))
  }

  @Test(arguments: ["sigmoid", "kto"])
  func `also with a reference that scored all rows before`(_ name: String) throws {
    let fixture = try PreferenceFixture(name, on: CPUEngine())
    #expect(try fixture.set.scoreReference(batchSize: 3))
    let step = try fixture.step(atOnce: 2)
    #expect(abs(step.step.loss - (try fixture.number("loss"))) < 1e-5)
    // Whatever the reference is afterwards, its scores are those of before.
    var other = fixture
    other.set.reference = ReferencePolicy(
      fixture.adapter.model, adapters: fixture.adapter.selection)
    if name == "sigmoid" {
      #expect(abs(try other.step(atOnce: nil).step.loss - step.step.loss) < 1e-5)
    }
  }

  @Test(arguments: ["sigmoid", "orpo", "kto"], [2, 3])
  func `and processes together take the step of one`(_ name: String, world: Int) throws {
    let parts = try LocalProcesses.run(world) { process in
      try PreferenceFixture(name, on: CPUEngine()).step(atOnce: nil, reducer: process)
    }
    let fixture = try PreferenceFixture(name, on: CPUEngine())
    for part in parts {
      #expect(part.step.preferences?.rows == 4)
      #expect(abs(part.step.loss - (try fixture.number("loss"))) < 1e-5)
      for (path, expected) in fixture.gradients {
        for (a, b) in zip(try #require(part.gradients[path]), expected) {
          #expect(abs(a - b) < 1e-5, "\(path)")
        }
      }
    }
  }
}

/// The rows of the fixture with what TRL found by one of its losses.
private struct PreferenceFixture {
  let adapter: Adapter
  var set: PreferenceSet
  let results: JSONObject
  let gradients: [String: [Double]]

  init(_ name: String, on engine: any Engine) throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../..").standardized
    let folder = tests.appending(path: "LowRankAdaptersTests/Fixtures/qwen2-all-linear")
    let base = try JSONFile(at: folder.appending(path: "base.json")).string("base")
    var model = try Model(
      from: folder.appending(path: base).standardized, precision: .float32, engine: engine)
    model.architecture.setDropout(0)
    let adapter = try Adapter(from: folder, on: model)
    self.adapter = adapter
    let file = try SafetensorsFile(
      at: tests.appending(path: "LowRankTrainingTests/Fixtures/preferences.safetensors"))
    func ids(_ name: String) throws -> [Int32] {
      try #require(file[TensorName(name)], "\(name)").int32s()
    }
    let metadata = file.metadata
    func list(_ name: String) throws -> JSONValue {
      try JSONValue(parsing: try #require(metadata[name]?.string), from: name)
    }
    let all = try list("results")
    results = try #require(all.object?[name]?.object)
    let objective = try #require(PreferenceObjective(results))
    let labels = try #require(try list("labels").array)
    let examples = try (0..<4).map { row in
      let (prompt, chosen) = (try ids("prompt_ids.\(row)"), try ids("chosen_ids.\(row)"))
      return objective.isPaired
        ? PreferenceExample(
          prompt: prompt, chosen: chosen, rejected: try ids("rejected_ids.\(row)"))
        : PreferenceExample(
          prompt: prompt, answer: chosen, isDesirable: labels[row].bool == true)
    }
    var reference = ReferencePolicy(model)
    if name == "frozen" {
      var frozen = try Adapter(from: folder, on: model)
      for parameter in frozen.trainable where parameter.role == .up {
        frozen.values[parameter] = engine.scaled(frozen.values[parameter], by: 0.5)
      }
      reference = ReferencePolicy(frozen.model, adapters: frozen.selection)
    }
    set = PreferenceSet(
      examples, source: "the fixture", objective: objective, maxLength: 64,
      reference: objective.needsReference ? reference : nil)
    gradients = try Dictionary(
      uniqueKeysWithValues: adapter.trainable.map { parameter in
        let key = TensorName("\(name).base_model.model.\(parameter.path)")
        let stored = try #require(file[key], "\(key)")
        return (parameter.path, try stored.floats().map(Double.init))
      })
  }

  func number(_ key: String) throws -> Double { try #require(results[key]?.double) }

  /// One step over all rows, by what an optimizer is given.
  func step(atOnce: Int?, reducer: any Reducer = SingleProcess()) throws -> (
    step: TrainingStep, gradients: [String: [Double]]
  ) {
    let witness = GradientWitness()
    var training = try Training(
      adapter, on: set,
      optimizer: Optimization(WitnessingOptimizer(witness: witness), learningRate: .init(0)),
      steps: 1, batchSize: 4, shuffles: false, reducer: reducer)
    training.examplesAtOnce = atOnce
    let step = try #require(try training.next())
    return (step, witness.gradients)
  }
}

private final class GradientWitness: @unchecked Sendable {
  var gradients: [String: [Double]] = [:]
}

/// Changes nothing and remembers the mean gradients that it is given.
private struct WitnessingOptimizer: Optimizer {
  let witness: GradientWitness

  func mask(_ parameter: Parameter, by mask: Tensor, on engine: any Engine) {}

  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) {
    for member in groups.flatMap(\.members) {
      witness.gradients[member.parameter.path] = step.engine.floats(member.gradient)
        .map { Double($0) * step.gradientScale }
    }
  }

  func state(on engine: any Engine) -> [TensorName: Tensor] { [:] }
  func stateSize(of parameters: [Parameter]) -> Int { 0 }
  mutating func restore(
    _ state: [TensorName: Tensor], of parameters: [Parameter], on engine: any Engine
  ) {}
}
