import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// A run as a sequence of steps: `while let step = try training.next()`.
///
/// Reporting, evaluating and saving are done by whoever iterates. A step adds up gradients over its micro-batches, reduces
/// them over processes, divides by the trained tokens once, and applies them. Of the examples of a step every process
/// computes its share, so that a run is the same, but for rounding, in however many processes.
public struct Training: Sendable {
  /// What is trained, with its values so far.
  public private(set) var trainable: TrainableModel
  /// The number of steps of the run.
  public let steps: Int
  /// The steps taken.
  public internal(set) var number = 0
  /// The rule with its state.
  public internal(set) var optimization: Optimization
  /// The micro-batches of a step (gradient accumulation); the last step of an epoch has those that remain.
  public let accumulation: Int
  /// What dropout and the order of examples follow from.
  public let seed: UInt64
  /// The share of a token's loss that is for all tokens alike; evaluation has none.
  public var labelSmoothing = 0.0
  /// Whether blocks keep only their input and are computed again for their derivative (gradient checkpointing).
  public var recomputesBlocks = false
  /// The most examples that are computed at once; nil for all of a micro-batch.
  ///
  /// Sums are the same but for rounding.
  public var examplesAtOnce: Int?
  /// The most examples that are evaluated at once; nil for all of a batch.
  public var evaluatedAtOnce: Int?
  var loader: Loader
  /// What joins the processes of the run.
  public let reducer: any Reducer
  /// What changes the ranks of modules; nil where they stay.
  public internal(set) var allocator: (any RankAllocator)?
  private var adapterAtStart: Adapter?
  private var hasMoved = false
  /// The model with the directions that the step at hand trains; nil for all of them.
  private var narrowed: (any Architecture)?

  /// A run that trains an adapter.
  ///
  /// - Parameters:
  ///   - data: the examples.
  ///   - batchSize: the examples of a micro-batch, over all processes.
  ///   - accumulation: the micro-batches of a step; the last step of an epoch has those that remain.
  ///   - allocator: what changes the ranks of modules.
  /// - Throws: `DataError` where there is nothing to learn, `TrainingError` where the optimizer needs factors.
  public init(
    _ adapter: Adapter, on data: any TrainingSet, optimizer: Optimization, steps: Int,
    batchSize: Int = 4, accumulation: Int = 1, seed: UInt64 = 0, shuffles: Bool = true,
    allocator: (any RankAllocator)? = nil, reducer: any Reducer = SingleProcess()
  ) throws {
    try self.init(
      TrainableModel(adapter), adapter, data, optimizer, steps, batchSize, accumulation, seed,
      shuffles,
      reducer)
    self.allocator = allocator
  }

  /// A run that trains all weights of a model.
  ///
  /// - Throws: `DataError` where there is nothing to learn, `TrainingError` where the optimizer needs factors.
  public init(
    all model: Model, on data: any TrainingSet, optimizer: Optimization, steps: Int,
    batchSize: Int = 4, accumulation: Int = 1, seed: UInt64 = 0, shuffles: Bool = true,
    reducer: any Reducer = SingleProcess()
  ) throws {
    try self.init(
      TrainableModel(all: model), nil, data, optimizer, steps, batchSize, accumulation, seed,
      shuffles,
      reducer)
  }

  private init(
    _ trainable: TrainableModel, _ adapter: Adapter?, _ data: any TrainingSet,
    _ optimizer: Optimization,
    _ steps: Int, _ batchSize: Int, _ accumulation: Int, _ seed: UInt64, _ shuffles: Bool,
    _ reducer: any Reducer
  ) throws {
    precondition(steps >= 0 && accumulation > 0, "\(steps) steps of \(accumulation) micro-batches")
    guard !optimizer.optimizer.needsPairs || trainable.groups.contains(where: { !$0.pairs.isEmpty })
    else {
      throw TrainingError.noPairs
    }
    self.trainable = trainable
    self.adapterAtStart = adapter
    self.steps = steps
    self.optimization = optimizer
    self.accumulation = accumulation
    self.seed = seed
    self.reducer = reducer
    loader = try Loader(data, batchSize: batchSize, seed: shuffles ? seed : nil)
    // What is random or decomposed at the start may differ between processors.
    let start = adapter.map { Array($0.values.parameters) } ?? trainable.parameters
    try reducer.share(start, of: &self.trainable.model.store, on: trainable.model.engine)
  }

  /// Takes the next step; nil once all are taken.
  ///
  /// - Throws: `TrainingError` where the loss or a gradient is not finite; nothing is changed then.
  public mutating func next() throws -> TrainingStep? {
    guard number < steps else { return nil }
    let start = ContinuousClock.now
    var ahead = loader
    var sum = GradientSum()
    narrowed = narrowedArchitecture
    defer { narrowed = nil }
    let examples = StepExamples(ahead.nextStep(of: accumulation), of: ahead.set)
    let parts = examples.share(of: reducer.rank, among: reducer.world, atOnce: examplesAtOnce)
    let shared = try sharedSums(parts, of: examples)
    for part in parts { accumulate(part, into: &sum, shared: shared) }
    try loader.set.checkRead()
    try reducer.reduce(&sum, of: trainable.parameters, on: trainable.model.engine)
    let penalty = addPenalty(to: &sum)
    adapterAtStart?.landing?.replace(
      &sum.gradients, tokens: sum.tokens, trainable.model.store, on: trainable.model.engine)
    let retraction = adapterAtStart?.retraction
    retraction?.project(&sum.gradients, trainable.model.store, on: trainable.model.engine)
    allocator?.prepare(&sum.gradients, at: number, on: trainable.model.engine)
    let rate = self.rate
    let before = hasMoved ? nil : trainable.model.store
    var unmoved = ParameterStore()
    for parameter in retraction?.parameters ?? [] {
      unmoved[parameter] = trainable.model.store[parameter]
    }
    let norm: Double
    do {
      norm = try optimization.optimizer.apply(
        sum, to: trainable.groups, in: &trainable.model.store, rate: rate,
        maxNorm: optimization.maxGradientNorm, step: number + 1, on: trainable.model.engine)
    } catch { throw located(error, in: examples, shared: shared) }
    if let retraction {
      try retraction.retract(
        &trainable.model.store, from: unmoved, on: trainable.model.engine)
      // What is decomposed may differ between processors.
      try reducer.share(
        retraction.parameters, of: &trainable.model.store, on: trainable.model.engine)
    }
    if let before, rate > 0 {
      hasMoved = moved(since: before)
      guard hasMoved else {
        throw norm > 0
          ? TrainingError.tooSmallStep(step: number + 1, rate: rate)
          : .nothingMoved(step: number + 1)
      }
    }
    loader = ahead
    number += 1
    try changeRanks(after: sum, norm: norm, rate: rate)
    return TrainingStep(
      number: number, loss: sum.meanLoss, penalty: penalty, tokens: sum.tokens,
      inputTokens: examples.inputTokens,
      preferences: sum.preferences.rows > 0 ? sum.preferences : nil, learningRate: rate,
      gradientNorm: norm, seconds: (ContinuousClock.now - start).seconds, ranks: allocator?.ranks)
  }

  /// The learning rate of the next step.
  private var rate: Double {
    let (rates, steps) = (optimization.learningRate, steps)
    func scheduled(_ step: Int) -> Double { rates.rate(at: step, of: steps) }
    return allocator?.rate(at: number, scheduled) ?? scheduled(number)
  }

  /// The model with the directions that the next step trains; nil for all of them.
  private var narrowedArchitecture: (any Architecture)? {
    guard let adapter = adapterAtStart, let rank = allocator?.rank(at: number) else { return nil }
    return adapter.leading(rank).model.architecture
  }

  /// The model with the directions that the step in progress trains.
  private var modelOfStep: Model {
    var model = trainable.model
    if let narrowed { model.architecture = narrowed }
    return model
  }

  /// Adds the gradients of the adapter's penalty, which is not divided by the tokens, and returns its value.
  ///
  /// Sums have been reduced by then, so that each process adds the same.
  @discardableResult
  func addPenalty(to sum: inout GradientSum) -> Double? {
    let engine = trainable.model.engine
    guard
      let (value, gradients) = adapterAtStart?.penalty?.evaluated(trainable.model.store, on: engine)
    else { return nil }
    let trained = Set(trainedParameters)
    for (parameter, gradient) in gradients where trained.contains(parameter) {
      var total =
        sum.gradients.removeValue(forKey: parameter)
        ?? engine.zeros(parameter.shape, type: .float32)
      engine.add(gradient, scale: Float(sum.tokens), to: &total)
      sum.gradients[parameter] = total
    }
    return value
  }

  /// What the optimizer changes at the next step.
  private var trainedParameters: [Parameter] {
    trainable.groups.flatMap { optimization.optimizer.trained(of: $0, at: number) }
  }

  /// A pair of factors that the first step of a fresh run cannot change: the factor that it holds is zero, and so is the
  /// gradient of the other one.
  public var stuckPair: FactorPair? {
    guard !hasMoved else { return nil }
    let trained = Set(trainedParameters)
    let store = trainable.model.store
    return trainable.groups.lazy.flatMap(\.pairs).first { pair in
      guard trained.contains(pair.down) != trained.contains(pair.up) else { return false }
      let held = trained.contains(pair.down) ? pair.up : pair.down
      return trainable.model.engine.sumOfSquares(store[held]) == 0
    }
  }

  /// The sums over each micro-batch that its losses depend on, over all processes; empty where there are none.
  private func sharedSums(_ parts: [StepPart], of step: StepExamples) throws -> [[Double]] {
    let count = loader.set.sharedCount
    guard count > 0 else { return [] }
    var sums = [Double](repeating: 0, count: count * step.count)
    for part in parts {
      let own = loader.set.batch(at: part.examples, of: part.whole ?? part.examples)
        .sharedSums(of: modelOfStep, trainable.selection)
      for (index, value) in own.enumerated() { sums[count * part.microbatch + index] += value }
    }
    try reducer.sum(&sums)
    return (0..<step.count).map { Array(sums[count * $0..<count * ($0 + 1)]) }
  }

  /// Adds the loss and gradients of some examples.
  ///
  /// - Parameter shared: the sums over each micro-batch that its losses depend on; empty where there are none.
  func accumulate(
    _ part: StepPart, into sum: inout GradientSum, shared: [[Double]] = [],
    observers: [any LinearObserver] = []
  ) {
    let batch = loader.set.batch(at: part.examples, of: part.whole ?? part.examples)
    guard batch.lossCount > 0 else { return }
    let model = modelOfStep
    let tape = Tape(on: model.engine)
    for parameter in trainedParameters {
      tape.watch(model.store[parameter], as: parameter)
    }
    var pass = model.pass(
      batch.rows, tape: tape, adapters: trainable.selection,
      random: RandomKey(
        seed: seed, step: number, microbatch: part.microbatch, rowsBefore: part.rowsBefore,
        sequencesBefore: part.sequencesBefore), observers: observers)
    pass.labelSmoothing = Float(labelSmoothing)
    pass.recomputesBlocks = recomputesBlocks
    let result = batch.result(
      of: model, pass, shared: shared.isEmpty ? [] : shared[part.microbatch])
    let losses = result.losses
    if let preferences = result.preferences { sum.preferences.add(preferences) }
    let loss = model.engine.floats(losses).reduce(0) { $0 + Double($1) }
    let gradients = tape.gradients(from: [(losses, model.engine.filled(1, losses.shape))])
    sum.add(gradients, loss: loss, tokens: batch.lossCount, on: model.engine)
  }

  /// Whether a step changed any number of what is trained.
  private func moved(since before: ParameterStore) -> Bool {
    let engine = trainable.model.engine
    return trainable.parameters.contains {
      engine.floats(before[$0]) != engine.floats(trainable.model.store[$0])
    }
  }

  /// Tells the allocator of a step that was taken, and follows what it changes.
  private mutating func changeRanks(after sum: GradientSum, norm: Double, rate: Double) throws {
    guard var allocator else { return }
    self.allocator = nil
    defer { self.allocator = allocator }
    let (engine, reducer) = (trainable.model.engine, reducer)
    let changes = try allocator.allocate(
      after: RankStep(
        number: number, rate: rate, gradients: sum.gradients,
        gradientScale: sum.scale(norm: norm, maxNorm: optimization.maxGradientNorm),
        engine: engine, agree: { try reducer.broadcast(&$0) }),
      in: &trainable.model.store)
    for change in changes {
      switch change {
      case .mask(let parameter, let mask):
        optimization.optimizer.mask(
          parameter, by: engine.tensor(mask, parameter.shape, type: .float32), on: engine)
      case .fold(let number):
        var folded = try adapter.folded(number, seed: seed) { try reducer.broadcast(&$0) }
        // What is decomposed may differ between processors.
        try reducer.share(Array(folded.values.parameters), of: &folded.values, on: engine)
        restructure(folded)
        allocator.follow(folded)
      }
    }
  }

  /// Puts an adapter of another structure in the place of the one that is trained.
  private mutating func restructure(_ adapter: Adapter) {
    adapterAtStart = adapter
    trainable.model = adapter.model
  }

  /// Gives the adapter the frozen products that a saved state has, before their values are restored.
  ///
  /// - Parameter ranks: the rank of each by the path of its A.
  mutating func hold(folded ranks: [String: Int]) {
    guard !ranks.isEmpty, let adapter = adapterAtStart else { return }
    let held = adapter.holdingFolded(ranks)
    restructure(held)
    allocator?.follow(held)
  }

  /// The adapter as it is saved: without directions that are gone.
  ///
  /// - Throws: what making an adapter throws.
  public var finishedAdapter: Adapter {
    get throws { try allocator?.finished(adapter) ?? adapter }
  }

  /// The adapter with its values so far.
  public var adapter: Adapter {
    guard var adapter = adapterAtStart else {
      preconditionFailure("the run trains all weights, not an adapter: see model")
    }
    for parameter in trainable.parameters {
      adapter.values[parameter] = trainable.model.store[parameter]
    }
    return adapter
  }

  /// What the adapter keeps as it was at the start, each once: factors that updates subtract.
  var frozen: [Parameter] {
    var seen: Set<Parameter> = []
    return (adapterAtStart?.updates ?? []).flatMap(\.frozen).filter { seen.insert($0).inserted }
  }

  /// The steps per epoch.
  public var stepsPerEpoch: Int { loader.stepsPerEpoch(accumulation: accumulation) }

  /// The model with its values so far.
  public var model: Model { trainable.model }

  /// Puts values in the place of those trained so far, to continue from a saved state.
  mutating func restore(_ values: [Parameter: Tensor]) {
    for (parameter, value) in values {
      trainable.model.store[parameter] = value
      adapterAtStart?.values[parameter] = value
    }
    // A run that goes on late, at a rate too small to change anything, is no run that never moved.
    hasMoved = true
  }
}

extension Duration {
  /// The duration in seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
