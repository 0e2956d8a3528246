import LowRankAdapters
import LowRankCheckpoints
import LowRankTensors
import LowRankTesting
import LowRankTraining
import Testing

/// A pair of factors on which an optimizer takes recorded steps, in f64.
private struct RecordedRun {
  let file: JSONFile
  let engine = ReferenceEngine()
  let pair: FactorPair
  let scale: Float

  init() throws {
    file = try fixture("optimizers.json")
    scale = Float(try file.double("scale"))
    let shape = try #require(try file.optionalIntegers("shape"))
    pair = FactorPair(
      down: Parameter("a", [shape[1], shape[2]], role: .down, module: "q_proj"),
      up: Parameter("b", [shape[0], shape[1]], role: .up, module: "q_proj"))
  }

  /// The optimizer of a name with the recorded options.
  func optimizer(_ name: String) throws -> any Optimizer {
    let registry = MethodRegistries.optimizers
    var options = try file.object("rules").object(name).object("options").object
    for key in ["beta1", "beta2", "eps", "weight_decay"] {
      options[key] = .double(try file.double(key))
    }
    let text = options.entries.map { "\($0.key)=\($0.value.text())" }.joined(separator: ",")
    return registry.make(try registry.choice("\(name):\(text)"))([])
  }

  func start(upIsZero: Bool) throws -> ParameterStore {
    var store = ParameterStore()
    store[pair.down] = engine.tensor(
      try #require(try file.optionalDoubles("a")), pair.down.shape)
    let up = try #require(try file.optionalDoubles("b"))
    store[pair.up] = engine.tensor(upIsZero ? up.map { _ in 0 } : up, pair.up.shape)
    return store
  }

  /// Takes the step of a number, of which `g_A = s·BᵀG` and `g_B = s·G Aᵀ`.
  func step(_ number: Int, _ optimizer: inout any Optimizer, _ store: inout ParameterStore) throws {
    let fixed = try #require(try file.array("gradients")[number].array).compactMap(\.double)
    let (a, b) = (store[pair.down], store[pair.up])
    let shape: Shape = [pair.up.shape[0], pair.down.shape[1]]
    let g = engine.sum(
      engine.tensor(fixed, shape),
      engine.product(Matrix(b), Matrix(a), scale: 0.25 * scale, storedAs: .float32))
    var sum = GradientSum()
    sum.tokens = 1
    let group = ParameterGroup("q_proj", [pair.down, pair.up], scale: scale, pairs: [pair])
    for parameter in optimizer.trained(of: group, at: number) {
      sum.gradients[parameter] =
        parameter == pair.down
        ? engine.product(b.transposed, Matrix(g), scale: scale, storedAs: .float32)
        : engine.product(Matrix(g), a.transposed, scale: scale, storedAs: .float32)
    }
    try optimizer.apply(
      sum, to: [group], in: &store, rate: file.double("rate"), step: number + 1, on: engine)
  }

  /// The largest difference of the factors from recorded ones.
  func distance(_ store: ParameterStore, _ recorded: JSONSection) throws -> Double {
    let pairs = [(pair.down, "a"), (pair.up, "b")]
    return try pairs.map { parameter, key in
      let (ours, theirs) = (
        engine.doubles(store[parameter]), try #require(try recorded.optionalDoubles(key))
      )
      #expect(ours.count == theirs.count)
      return zip(ours, theirs).map { abs($0 - $1) }.max() ?? .infinity
    }.max() ?? .infinity
  }
}

private let names = [
  "lora-plus", "lora-fa", "rolora", "altlora", "scaled-adamw", "lora-rite", "lora-pro", "reflora",
  "reflora-s",
]

@Suite struct `Optimizers of factors` {
  @Test(arguments: names)
  func `take the steps of the papers' formulas`(name: String) throws {
    let run = try RecordedRun()
    let recorded = try run.file.object("rules").object(name)
    for (key, upIsZero) in [("steps", false), ("from_zero", true)] {
      var optimizer = try run.optimizer(name)
      var store = try run.start(upIsZero: upIsZero)
      let steps = try recorded.objects(key)
      #expect(upIsZero || steps.count == 6)
      for (number, step) in steps.enumerated() {
        try run.step(number, &optimizer, &store)
        let distance = try run.distance(store, step)
        #expect(distance < 2e-6, "step \(number + 1) of \(key): \(distance)")
      }
    }
  }

  @Test func `are all but AdamW compared with formulas`() {
    #expect(
      Set(MethodRegistries.optimizers.cards.map(\.name)) == Set(names + ["adamw"]))
  }

  @Test(arguments: names)
  func `continue from a saved state as if they had not stopped`(name: String) throws {
    let run = try RecordedRun()
    var (whole, values) = (try run.optimizer(name), try run.start(upIsZero: false))
    var (first, store) = (whole, values)
    for number in 0..<6 { try run.step(number, &whole, &values) }
    for number in 0..<3 { try run.step(number, &first, &store) }
    var second = try run.optimizer(name)
    let parameters = [run.pair.down, run.pair.up]
    try second.restore(first.state(on: run.engine), of: parameters, on: run.engine)
    for number in 3..<6 { try run.step(number, &second, &store) }
    for parameter in parameters {
      #expect(run.engine.doubles(store[parameter]) == run.engine.doubles(values[parameter]))
    }
  }

  /// S does not exist for a B of zeros, as LoRA starts with.
  @Test func `are AdamW's in RefLoRA's first step from B of zeros`() throws {
    let run = try RecordedRun()
    let registry = MethodRegistries.optimizers
    let stores = try ["reflora:warmup=0", "adamw"].map { text in
      var (optimizer, store) = (
        registry.make(try registry.choice(text))([]), try run.start(upIsZero: true)
      )
      try run.step(0, &optimizer, &store)
      return run.engine.doubles(store[run.pair.up])
    }
    #expect(stores[0] == stores[1] && stores[0].contains { $0 != 0 })
  }

  @Test(arguments: ["altlora", "lora-rite"])
  func `refuse a state of which a part is missing or misshapen`(name: String) throws {
    let run = try RecordedRun()
    var (optimizer, store) = (try run.optimizer(name), try run.start(upIsZero: false))
    for number in 0..<2 { try run.step(number, &optimizer, &store) }
    let state = optimizer.state(on: run.engine)
    let part = try #require(state.keys.first { $0.text.hasSuffix("momentum") })
    var misshapen = state
    misshapen[part] = run.engine.filled(0, [7])
    var fresh = try run.optimizer(name)
    #expect(throws: TrainingError.self) {
      try fresh.restore(misshapen, of: [run.pair.down, run.pair.up], on: run.engine)
    }
    var odd = state
    odd["a.unknown"] = run.engine.filled(0, [1])
    #expect(throws: TrainingError.unexpectedState(names: ["a.unknown"])) {
      try fresh.restore(odd, of: [run.pair.down, run.pair.up], on: run.engine)
    }
  }
}
