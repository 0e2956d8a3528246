import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import Testing

/// What an optimizer was given at each step.
private final class Witness: @unchecked Sendable {
  var roles: [Set<Parameter.Role>] = []
}

/// Trains what another optimizer trains, and remembers which gradients there were.
private struct WitnessedOptimizer: Optimizer {
  var inner: any Optimizer
  let witness: Witness

  func trained(of group: ParameterGroup, at step: Int) -> [Parameter] {
    inner.trained(of: group, at: step)
  }

  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) throws(TrainingError) {
    witness.roles.append(Set(groups.flatMap(\.members).map(\.parameter.role)))
    try inner.step(groups, step, store: &store)
  }

  mutating func mask(_ parameter: Parameter, by mask: Tensor, on engine: any Engine) {
    inner.mask(parameter, by: mask, on: engine)
  }

  func state(on engine: any Engine) -> [TensorName: Tensor] { inner.state(on: engine) }
  func stateSize(of parameters: [Parameter]) -> Int { inner.stateSize(of: parameters) }
  mutating func restore(
    _ state: [TensorName: Tensor], of parameters: [Parameter], on engine: any Engine
  ) throws(TrainingError) { try inner.restore(state, of: parameters, on: engine) }
}

@Suite struct `Gradients of factors` {
  private let set = ExampleSet(
    (0..<6).map { row in
      Example(ids: (0..<5).map { Int32(($0 * 3 + row) % 11) }, trained: [1..<5])
    }, source: "examples")

  private func optimizer(_ name: String) throws -> any Optimizer {
    let registry = MethodRegistries.optimizers
    return registry.make(try registry.choice(name))([])
  }

  @Test(
    arguments: [
      ("adamw", [[.down, .up], [.down, .up]]), ("lora-fa", [[.up], [.up]]),
      ("rolora", [[.up], [.down]]),
    ] as [(String, [Set<Parameter.Role>])])
  func `are computed where the optimizer uses them`(
    name: String, expected: [Set<Parameter.Role>]
  ) throws {
    let witness = Witness()
    let rule = WitnessedOptimizer(inner: try optimizer(name), witness: witness)
    var training = try Training(
      Adapter(
        on: TinyModels.llama(on: CPUEngine()),
        configuration: AdapterConfiguration(ranks: PatternRanks(rank: 2, alpha: 4)), seed: 1),
      on: set, optimizer: Optimization(rule, learningRate: LearningRate(0.01)), steps: 2,
      batchSize: 2)
    while try training.next() != nil {}
    #expect(witness.roles == expected)
  }

  @Test(arguments: ["scaled-adamw", "lora-fa", "altlora", "reflora-s", "lora-rite", "lora-plus"])
  func `are needed by optimizers of factors`(name: String) throws {
    #expect(throws: TrainingError.noPairs) {
      try Training(
        all: TinyModels.llama(on: CPUEngine()), on: set,
        optimizer: Optimization(optimizer(name), learningRate: LearningRate(0.01)), steps: 1)
    }
  }
}
