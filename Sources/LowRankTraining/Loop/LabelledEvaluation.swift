import Foundation
import LowRankCheckpoints
import LowRankProgress
import LowRankTransformers

/// How well a classifier does on a set of labelled sequences.
public struct LabelledEvaluation: Sendable {
  /// The mean loss of a sequence, as training defines it.
  public private(set) var loss = 0.0
  /// The metrics of the task.
  public private(set) var metrics: TaskMetrics

  /// The sequences that are judged at once unless the caller says otherwise.
  public static let batchSize = 32

  /// Judges every sequence of a set once, without dropout.
  public init(
    _ model: Model, adapters: AdapterSelection = .none, on set: LabelledSet,
    batchSize: Int = Self.batchSize
  ) {
    self.init(set)
    let work = Work("evaluating \(set.source)", of: set.count)
    defer { work.end() }
    for batch in SequentialBatches(set, batchSize: batchSize) {
      add(batch.logits(of: model, adapters), of: batch.sources, in: set)
      work.advance(by: batch.sources.count)
    }
    loss /= Double(set.count)
  }

  /// Judges what a run has reached so far, each process on its part; nil where that was interrupted between two batches.
  ///
  /// - Throws: what the run's reducer throws.
  public init?(
    _ training: Training, on set: LabelledSet, batchSize: Int = Self.batchSize,
    until isInterrupted: () -> Bool
  ) throws {
    self.init(set)
    let reducer = training.reducer
    let width = training.model.classifier?.head.outputs ?? 1
    // Metrics are of all answers together: whoever has not computed one adds nothing to it.
    var answers = [Double](repeating: 0, count: set.count * width + 1)
    let work = Work("evaluating \(set.source)", of: set.count)
    defer { work.end() }
    for batch in SequentialBatches(
      set, batchSize: batchSize, rank: reducer.rank, world: reducer.world,
      atOnce: training.evaluatedAtOnce)
    {
      guard !isInterrupted() else {
        answers[set.count * width] = 1
        break
      }
      let logits = batch.logits(of: training.model, training.trainable.selection)
      for (source, own) in zip(batch.sources, logits) {
        answers.replaceSubrange(source * width..<(source + 1) * width, with: own)
      }
      work.advance(by: batch.sources.count * reducer.world)
    }
    try set.checkRead()
    try reducer.sum(&answers)
    guard answers[set.count * width] == 0 else { return nil }
    let logits = (0..<set.count).map { Array(answers[$0 * width..<($0 + 1) * width]) }
    add(logits, of: Array(0..<set.count), in: set)
    loss /= Double(set.count)
  }

  private init(_ set: LabelledSet) {
    precondition(set.columns.label != nil || set.examples[0].target != nil, "rows without labels")
    metrics = TaskMetrics(set.task, labels: set.labels?.count ?? 1)
  }

  private mutating func add(_ logits: [[Double]], of sources: [Int], in set: LabelledSet) {
    for (source, logits) in zip(sources, logits) {
      guard let target = set.examples[source].target else { continue }
      loss += target.loss(of: logits)
      metrics.add([logits], [target])
    }
  }

  /// The loss and the metrics by name.
  public var json: JSONObject {
    var json: JSONObject = ["loss": .double(loss)]
    for (key, value) in metrics.json.entries { json[key] = value }
    json["rows"] = .integer(metrics.rows)
    return json
  }

  /// The value of a metric, the loss among them.
  public func value(_ metric: Metric) -> Double {
    metric == .loss ? loss : metrics.value(metric)
  }
}

extension LabelTarget {
  /// The loss of what a head put out for one sequence: cross entropy, squared difference, or the mean binary cross
  /// entropy.
  func loss(of logits: [Double]) -> Double {
    switch self {
    case .classIndex(let index):
      let greatest = logits.max() ?? 0
      return greatest + log(logits.reduce(0) { $0 + exp($1 - greatest) }) - logits[index]
    case .number(let value):
      return (logits[0] - value) * (logits[0] - value)
    case .classes(let members):
      let sum = logits.reduce(0) { $0 + max($1, 0) + log1p(exp(-abs($1))) }
      return (sum - members.reduce(0) { $0 + logits[$1] }) / Double(logits.count)
    }
  }
}
