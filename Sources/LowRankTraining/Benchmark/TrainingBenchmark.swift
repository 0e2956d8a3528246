import Foundation
import LowRankAdapters
import LowRankCheckpoints
import LowRankProgress
import LowRankTensors
import LowRankTransformers

/// Steps of LoRA training on random weights of a given shape, or on a model's own, the base's dropout off: all positions labelled, or every
/// sequence of a classifier.
public struct TrainingBenchmark {
  private let model: Model
  private let adapter: Adapter
  private let batch: Int
  private let length: Int
  private let engine: CPUEngine
  /// Whether blocks are computed again for their derivative (gradient checkpointing).
  public var recomputesBlocks = false
  /// The rule by which parameters are stepped.
  public var optimizer: any Optimizer = AdamW()

  /// A benchmark of a configuration.
  ///
  /// - Throws: what reading the configuration and making the adapter throw.
  public init(
    config: JSONFile, precision: Precision, batch: Int, length: Int,
    adapter: AdapterConfiguration, engine: CPUEngine
  ) throws {
    var model = try Model(random: config, precision: precision, engine: engine)
    if model.architecture is BareModel {
      model = try Model(
        random: config, as: .classifier(nil), precision: precision, engine: engine)
    }
    try self.init(model: model, batch: batch, length: length, adapter: adapter, engine: engine)
  }

  /// A benchmark of a model with its own weights, packed as they are.
  ///
  /// - Throws: what making the adapter throws.
  public init(
    model: Model, batch: Int, length: Int, adapter: AdapterConfiguration, engine: CPUEngine
  ) throws {
    var model = model
    model.architecture.setDropout(0)
    self.model = model
    var adapter = adapter
    adapter.modulesToSave += model.classifier?.head.savedModules ?? []
    self.adapter = try Adapter(on: model, configuration: adapter)
    self.batch = batch
    self.length = length
    self.engine = engine
  }

  /// The longest sequence that the model can read; nil where there is no end to it.
  public var positionLimit: Int? { model.architecture.positionLimit }

  /// Measures the machine's products, then takes the steps.
  ///
  /// - Throws: `TrainingError` where a step fails.
  public func run(warmup: Int, steps: Int) throws -> TrainingBenchmarkResult {
    let work = TrainingWork(adapter, batch: batch, length: length)
    let products = Work("measuring products")
    defer { products.end() }
    let rate = ProductRate(of: work.shapes, rows: batch * length, type: model.type, on: engine)
      .best()
    products.end()
    engine.pool.trim()
    var training = try Training(
      adapter, on: examples,
      optimizer: Optimization(optimizer, learningRate: LearningRate(1e-4, schedule: .constant)),
      steps: warmup + steps, batchSize: batch)
    training.recomputesBlocks = recomputesBlocks
    var (seconds, processor) = ([Double](), [Double]())
    let timing = Work("timing steps", of: warmup + steps, .steps)
    defer { timing.end() }
    var before = ProcessorTime.now
    while let step = try training.next() {
      timing.advance()
      let now = ProcessorTime.now
      if step.number > warmup {
        seconds.append(step.seconds)
        processor.append(now - before)
      }
      before = now
    }
    return TrainingBenchmarkResult(
      tokens: batch * length, stepSeconds: median(seconds), processorSeconds: median(processor),
      stateBytes: training.optimizerStateSize, work: work.flops, productRate: rate)
  }

  /// Random tokens, for either kind of model.
  private var examples: any TrainingSet { model.classifier == nil ? texts : sequences }

  /// Random sequences, each of the first class.
  private var sequences: LabelledSet {
    var random = Philox(key: 1)
    let examples = (0..<batch).map { _ in
      LabelledExample(
        ids: (0..<length).map { _ in
          Int32(random.integer(below: model.architecture.vocabularySize))
        }, typeIDs: [Int32](repeating: 0, count: length), target: .classIndex(0))
    }
    let classes = model.classifier?.head.outputs ?? 1
    return LabelledSet(
      examples, task: .classification, labels: LabelMap(unnamed: classes), source: "random tokens")
  }

  /// Random tokens; a row has one more than the model is given, since the last one is only predicted.
  private var texts: ExampleSet {
    var random = Philox(key: 1)
    let examples = (0..<batch).map { _ in
      let ids = (0...length).map { _ in
        Int32(random.integer(below: model.architecture.vocabularySize))
      }
      return Example(ids: ids, trained: [1..<ids.count])
    }
    return ExampleSet(examples, source: "random tokens")
  }
}

/// The processor seconds of a process, of all its threads.
private enum ProcessorTime {
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// The middle of some numbers, at least one.
func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
