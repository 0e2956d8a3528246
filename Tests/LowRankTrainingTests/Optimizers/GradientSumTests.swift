import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import Testing

@Suite struct `Summed gradients` {
  let engine = ReferenceEngine()
  let down = Parameter("a", [1, 2], role: .down, module: "first")
  let up = Parameter("b", [2, 1], role: .up, module: "first")
  let bias = Parameter("c", [2], role: .bias, module: "second")

  private func gradient(_ x: Float, _ y: Float, of parameter: Parameter) -> [Parameter: Tensor] {
    [parameter: engine.tensor([x, y], parameter.shape, type: .float32)]
  }

  private var groups: [ParameterGroup] { ParameterGroup.grouping([bias, down, up]) { _ in 1 } }

  private var store: ParameterStore {
    var store = ParameterStore()
    for one in [down, up, bias] { store[one] = engine.zeros(one.shape, type: .float32) }
    return store
  }

  @Test func `of unequal micro-batches are those of the large batch`() throws {
    var parts = GradientSum()
    parts.add(gradient(1, 2, of: down), loss: 15, tokens: 15, on: engine)
    parts.add(gradient(3, -4, of: down), loss: 5, tokens: 4, on: engine)
    parts.add(gradient(0.5, 0, of: bias), loss: 1, tokens: 1, on: engine)
    #expect(parts.tokens == 20)
    #expect(parts.meanLoss == 1.05)
    #expect(parts.gradients[down].map(engine.floats) == [4, -2])
    #expect(parts.gradients[bias].map(engine.floats) == [0.5, 0])
    #expect(parts.gradients[up] == nil)
  }

  @Test func `do not change what was added`() {
    let first = gradient(1, 2, of: down)
    var sum = GradientSum()
    sum.add(first, loss: 0, tokens: 1, on: engine)
    sum.add(first, loss: 0, tokens: 1, on: engine)
    #expect(first[down].map(engine.floats) == [1, 2])
    #expect(sum.gradients[down].map(engine.floats) == [2, 4])
  }

  @Test func `are clipped by the norm of their mean over all groups`() throws {
    var sum = GradientSum()
    sum.add(gradient(6, 0, of: down), loss: 1, tokens: 1, on: engine)
    sum.add(gradient(0, 8, of: bias), loss: 1, tokens: 1, on: engine)
    for (limit, scale) in [(nil, 0.5), (10.0, 0.5), (2.5, 0.25)] {
      var (probe, values) = (Probe(), store)
      let norm = try probe.apply(
        sum, to: groups, in: &values, rate: 1, maxNorm: limit, step: 1, on: engine)
      #expect(norm == 5)
      #expect(abs(probe.gradientScale - scale) < 1e-6)
    }
  }

  @Test func `hand the factors of a module over together`() throws {
    var sum = GradientSum()
    sum.add(gradient(1, 1, of: up), loss: 1, tokens: 1, on: engine)
    sum.add(gradient(1, 1, of: down), loss: 1, tokens: 1, on: engine)
    sum.add(gradient(1, 1, of: bias), loss: 1, tokens: 1, on: engine)
    var (probe, values) = (Probe(), store)
    try probe.apply(
      sum, to: ParameterGroup.grouping([bias, down, up]) { $0 == "first" ? 3 : 7 }, in: &values,
      rate: 1, step: 1, on: engine)
    #expect(probe.groups == ["second 1.0: c", "first 3.0: a b"])
  }

  @Test(arguments: [Float.nan, .infinity])
  func `that are not finite change nothing and name the step and the module`(bad: Float) {
    var sum = GradientSum()
    sum.add(gradient(1, 1, of: bias), loss: 1, tokens: 1, on: engine)
    sum.add(gradient(bad, 0, of: up), loss: 1, tokens: 1, on: engine)
    var (optimizer, values) = (AdamW(), store)
    let error = #expect(throws: TrainingError.self) {
      try optimizer.apply(sum, to: groups, in: &values, rate: 1, step: 12, on: engine)
    }
    #expect(error == .nonFiniteGradient(step: 12, module: "first"))
    #expect(engine.floats(values[bias]) == [0, 0])
    sum.loss = .nan
    #expect(
      message { try optimizer.apply(sum, to: groups, in: &values, rate: 1, step: 12, on: engine) }
        == "step 12: the loss is not finite; a lower learning rate or max_grad_norm may help")
    #expect(
      TrainingError.nonFiniteLoss(step: 1).description.hasPrefix(
        "step 1: the loss is not finite; nothing is trained yet, so the base gives this by itself"))
  }

  @Test func `in one process are complete`() throws {
    var sum = GradientSum()
    sum.add(gradient(1, 2, of: down), loss: 3, tokens: 4, on: engine)
    try SingleProcess().reduce(&sum, of: [down, up], on: engine)
    #expect(sum.tokens == 4)
    #expect(sum.gradients[down].map(engine.floats) == [1, 2])
  }

  @Test func `of several processes are added up, whatever each has`() throws {
    let (engine, down, up, bias) = (engine, down, up, bias)
    let parts = [
      (gradient(1, 2, of: down), 3.0, 4), (gradient(5, 7, of: up), 0.5, 2), ([:], 0, 0),
    ]
    let sums = try LocalProcesses.run(3) { process in
      var sum = GradientSum()
      let (gradients, loss, tokens) = parts[process.rank]
      sum.add(gradients, loss: loss, tokens: tokens, on: engine)
      try process.reduce(&sum, of: [down, up, bias], on: engine)
      return sum
    }
    for sum in sums {
      #expect(sum.loss == 3.5 && sum.tokens == 6)
      #expect(sum.gradients[down].map(engine.floats) == [1, 2])
      #expect(sum.gradients[up].map(engine.floats) == [5, 7])
      #expect(sum.gradients[bias] == nil)
    }
  }
}

/// A rule that changes nothing and remembers what it was given.
private struct Probe: Optimizer {
  var gradientScale = 0.0
  var groups: [String] = []

  mutating func step(
    _ groups: [GradientGroup], _ step: OptimizerStep, store: inout ParameterStore
  ) {
    gradientScale = step.gradientScale
    self.groups = groups.map { group in
      let members = group.members.map(\.parameter.path).joined(separator: " ")
      return "\(group.module) \(group.scale): \(members)"
    }
  }

  mutating func mask(_ parameter: Parameter, by mask: Tensor, on engine: any Engine) {}

  func state(on engine: any Engine) -> [TensorName: Tensor] { [:] }

  func stateSize(of parameters: [Parameter]) -> Int { 0 }

  mutating func restore(
    _ state: [TensorName: Tensor], of parameters: [Parameter], on engine: any Engine
  ) {}
}
