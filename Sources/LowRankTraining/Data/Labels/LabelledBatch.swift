import LowRankTensors
import LowRankTransformers

/// Some labelled sequences laid end to end, without padding.
public struct LabelledBatch: LearningBatch {
  public let rows: PackedRows
  public let ids: [Int32]
  public let sources: [Int]
  /// What is to be said of each sequence; nil where a row has no label.
  public let targets: ClassifierTargets?

  public var lossCount: Int { targets == nil ? 0 : sources.count }

  /// The given examples of a set, in that order.
  public init(_ set: LabelledSet, at sources: [Int]) {
    let examples = sources.map { set.examples[$0] }
    self.sources = sources
    ids = examples.flatMap(\.ids)
    rows = PackedRows(
      lengths: examples.map(\.ids.count), tokenTypeIDs: examples.flatMap(\.typeIDs),
      patches: set.images.map { $0.rows(of: examples.compactMap(\.image)) })
    let answers = examples.compactMap(\.target)
    targets =
      answers.count == examples.count
      ? ClassifierTargets(answers, task: set.task, classes: set.labels?.count ?? 1) : nil
  }

  public func losses(of model: Model, _ pass: Pass) -> Tensor {
    guard let classifier = model.classifier, let targets else {
      preconditionFailure("labelled rows are for a classifier, not \(model.architecture.className)")
    }
    return classifier.losses(model.engine.tensor(ids, [ids.count]), targets, pass)
  }

  /// What the head puts out for each sequence, without dropout.
  public func logits(of model: Model, _ adapters: AdapterSelection) -> [[Double]] {
    guard let classifier = model.classifier else {
      preconditionFailure("\(model.architecture.className) does not classify")
    }
    let logits = classifier.logits(
      model.engine.tensor(ids, [ids.count]), model.pass(rows, adapters: adapters))
    let numbers = model.engine.floats(logits).map(Double.init)
    let width = logits.shape[1]
    return sources.indices.map { Array(numbers[$0 * width..<($0 + 1) * width]) }
  }
}

extension LabelledSet: TrainingSet {
  public var count: Int { examples.count }
  public func rows(of example: Int) -> [Int] { [rowNumbers[example]] }
  public func inputTokens(of example: Int) -> Int { examples[example].ids.count }
  public func batch(at sources: [Int]) -> LabelledBatch { LabelledBatch(self, at: sources) }
  public func checkRead() throws(DataError) { try images?.check() }
}

extension ClassifierTargets {
  /// The answers of a batch, as the loss of the task takes them.
  fileprivate init(_ answers: [LabelTarget], task: TrainingTask, classes: Int) {
    switch task {
    case .regression:
      self = .numbers(answers.map { if case .number(let value) = $0 { Float(value) } else { 0 } })
    case .multilabel:
      var members = [Float](repeating: 0, count: answers.count * classes)
      for (row, answer) in answers.enumerated() {
        guard case .classes(let indices) = answer else { continue }
        for index in indices { members[row * classes + index] = 1 }
      }
      self = .sets(members)
    case .classification, .imageClassification, .causal:
      self = .classes(
        answers.map { if case .classIndex(let index) = $0 { Int32(index) } else { 0 } })
    }
  }
}
