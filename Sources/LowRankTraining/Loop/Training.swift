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
  private var adapterAtStart: Adapter?
  private var hasMoved = false

  /// A run that trains an adapter.
  ///
  /// - Parameters:
  ///   - data: the examples.
  ///   - batchSize: the examples of a micro-batch, over all processes.
  ///   - accumulation: the micro-batches of a step; the last step of an epoch has those that remain.
  /// - Throws: `DataError` where there is nothing to learn, `TrainingError` where the optimizer needs factors.
  public init(
    _ adapter: Adapter, on data: any TrainingSet, optimizer: Optimization, steps: Int,
    batchSize: Int = 4, accumulation: Int = 1, seed: UInt64 = 0, shuffles: Bool = true,
    reducer: any Reducer = SingleProcess()
  ) throws {
    try self.init(
      TrainableModel(adapter), adapter, data, optimizer, steps, batchSize, accumulation, seed,
      shuffles,
      reducer)
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
    let examples = StepExamples(ahead.nextStep(of: accumulation), of: ahead.set)
    for part in examples.share(of: reducer.rank, among: reducer.world, atOnce: examplesAtOnce) {
      accumulate(part, into: &sum)
    }
    try reducer.reduce(&sum, of: trainable.parameters, on: trainable.model.engine)
    let penalty = addPenalty(to: &sum)
    let rate = optimization.learningRate.rate(at: number, of: steps)
    let before = hasMoved ? nil : trainable.model.store
    let norm: Double
    do {
      norm = try optimization.optimizer.apply(
        sum, to: trainable.groups, in: &trainable.model.store, rate: rate,
        maxNorm: optimization.maxGradientNorm, step: number + 1, on: trainable.model.engine)
    } catch { throw located(error, in: examples) }
    if let before, rate > 0 {
      hasMoved = moved(since: before)
      guard hasMoved else { throw TrainingError.nothingMoved(step: number + 1) }
    }
    loader = ahead
    number += 1
    return TrainingStep(
      number: number, loss: sum.meanLoss, penalty: penalty, tokens: sum.tokens,
      inputTokens: examples.inputTokens, learningRate: rate, gradientNorm: norm,
      seconds: (ContinuousClock.now - start).seconds)
  }

  /// Adds the gradients of the adapter's penalty, which is not divided by the tokens, and returns its value.
  ///
  /// Sums have been reduced by then, so that each process adds the same.
  private func addPenalty(to sum: inout GradientSum) -> Double? {
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

  /// Adds the loss and gradients of some examples.
  func accumulate(
    _ part: StepPart, into sum: inout GradientSum, observers: [any LinearObserver] = []
  ) {
    let batch = loader.set.batch(at: part.examples)
    guard batch.lossCount > 0 else { return }
    let model = trainable.model
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
    let losses = batch.losses(of: model, pass)
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
