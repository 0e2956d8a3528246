import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import Testing

/// A run of torch's AdamW: the parameters and the six steps.
private struct TorchRun {
  let file: JSONFile
  let parameters: [Parameter]
  let engine = ReferenceEngine()
  let optimizer: AdamW

  init() throws {
    file = try fixture("adamw.json")
    let entries = try file.object("parameters")
    parameters = try entries.allKeys.map { name in
      let entry = try entries.object(name)
      return Parameter(
        name, Shape(try entry.optionalIntegers("shape") ?? []),
        role: Parameter.Role(rawValue: try entry.string("role")), module: "q_proj")
    }
    let betas = try #require(try file.optionalDoubles("betas"))
    optimizer = AdamW(
      beta1: betas[0], beta2: betas[1], epsilon: try file.double("epsilon"),
      weightDecay: try file.double("decay"))
  }

  func numbers(_ key: String, of parameter: Parameter) throws -> [Double] {
    try file.object("parameters").object(parameter.path).optionalDoubles(key) ?? []
  }

  var start: ParameterStore {
    get throws {
      var store = ParameterStore()
      for one in parameters {
        store[one] = engine.tensor(try numbers("start", of: one), one.shape)
      }
      return store
    }
  }

  /// The gradients of a step, as the sum over `tokens` tokens that they are the mean of.
  func sum(_ step: JSONSection, tokens: Int) throws -> GradientSum {
    var sum = GradientSum()
    let gradients = try step.object("gradients")
    for parameter in parameters {
      let values = try gradients.optionalDoubles(parameter.path) ?? []
      sum.gradients[parameter] = engine.tensor(values.map { $0 * Double(tokens) }, parameter.shape)
    }
    sum.tokens = tokens
    return sum
  }

  func apply(
    _ steps: Range<Int>, _ optimizer: inout AdamW, _ store: inout ParameterStore
  ) throws {
    let groups = ParameterGroup.grouping(parameters) { _ in 2 }
    let rate = LearningRate(
      try file.double("rate"), schedule: .linear,
      warmup: .steps(try file.integer("warmup")))
    for (number, step) in try file.objects("steps").enumerated() where steps.contains(number) {
      let norm = try optimizer.apply(
        sum(step, tokens: 4 + number), to: groups, in: &store, rate: rate.rate(at: number, of: 6),
        maxNorm: file.double("max_norm"), step: number, on: engine)
      #expect(try rate.rate(at: number, of: 6) == step.double("rate"))
      #expect(abs(norm - (try step.double("norm"))) < 1e-12)
    }
  }
}

private func distance(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
}

@Suite struct `The AdamW rule` {
  @Test func `takes torch's steps, with clipping, warm-up and the decay of transformers`() throws {
    let run = try TorchRun()
    var (optimizer, store) = (run.optimizer, try run.start)
    try run.apply(0..<6, &optimizer, &store)
    let state = optimizer.state(on: run.engine)
    for one in run.parameters {
      // Rates and scales are f32.
      #expect(distance(run.engine.doubles(store[one]), try run.numbers("end", of: one)) < 1e-6)
      for (name, key) in [("exp_avg", "first"), ("exp_avg_sq", "second")] {
        let moment = try #require(state[TensorName("\(one.path).\(name)")])
        #expect(distance(run.engine.doubles(moment), try run.numbers(key, of: one)) < 1e-7)
      }
      #expect(state[TensorName("\(one.path).step")].map(run.engine.floats) == [6])
    }
    #expect(state.count == 3 * run.parameters.count)
  }

  @Test(arguments: 0...6)
  func `continues from its state as if it had never stopped`(stop: Int) throws {
    let run = try TorchRun()
    var (whole, expected) = (run.optimizer, try run.start)
    try run.apply(0..<6, &whole, &expected)
    var (first, store) = (run.optimizer, try run.start)
    try run.apply(0..<stop, &first, &store)
    var second = run.optimizer
    try second.restore(first.state(on: run.engine), of: run.parameters, on: run.engine)
    try run.apply(stop..<6, &second, &store)
    for one in run.parameters {
      #expect(run.engine.doubles(store[one]) == run.engine.doubles(expected[one]))
    }
  }

  @Test func `leaves a parameter without a gradient as it is`() throws {
    let run = try TorchRun()
    var (optimizer, store) = (run.optimizer, try run.start)
    let (still, moved) = (run.parameters[0], run.parameters[1])
    var sum = GradientSum()
    sum.add([moved: run.engine.filled(1, moved.shape)], loss: 1, tokens: 1, on: run.engine)
    try optimizer.apply(
      sum, to: ParameterGroup.grouping(run.parameters) { _ in 1 }, in: &store, rate: 1, step: 0,
      on: run.engine)
    #expect(try run.engine.doubles(store[still]) == run.numbers("start", of: still))
    #expect(try run.engine.doubles(store[moved]) != run.numbers("start", of: moved))
    #expect(optimizer.state(on: run.engine).count == 3)
  }

  @Test func `refuses a state that does not fit`() throws {
    let run = try TorchRun()
    let engine = run.engine
    let weight = Parameter("w", [2], role: .weight, module: "m")
    func restore(_ state: [TensorName: Tensor]) -> String {
      var optimizer = run.optimizer
      return message { try optimizer.restore(state, of: [weight], on: engine) }
    }
    let (two, one) = (engine.filled(0, [2]), engine.filled(1, [1]))
    let whole: [TensorName: Tensor] = ["w.step": one, "w.exp_avg": two, "w.exp_avg_sq": two]
    #expect(restore(whole) == "")
    #expect(
      restore(whole.filter { $0.key != "w.exp_avg" })
        == "the state of the optimizer has no tensor w.exp_avg")
    #expect(
      restore(whole.merging(["w.exp_avg": engine.filled(0, [3])]) { $1 })
        == "the tensor w.exp_avg of the optimizer's state has shape [3], expected [2]")
    #expect(
      restore(whole.merging(["w.step": engine.filled(.nan, [1])]) { $1 })
        == "the tensor w.step of the optimizer's state holds nan, expected a number of steps")
    #expect(
      restore(whole.merging(["v.step": one]) { $1 })
        == "the state of the optimizer has tensors of what is not trained: v.step")
  }
}
