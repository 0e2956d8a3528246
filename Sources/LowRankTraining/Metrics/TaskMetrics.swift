import LowRankCheckpoints

/// How well a model does a task, gathered row by row.
public struct TaskMetrics: Sendable {
  /// The task.
  public let task: TrainingTask
  private let labels: Int
  private var said: [LabelTarget] = []
  private var truths: [LabelTarget] = []

  /// No rows yet.
  ///
  /// - Parameters:
  ///   - task: any but `causal`, which has a loss alone.
  ///   - labels: the number of logits; 1 for numbers.
  public init(_ task: TrainingTask, labels: Int) {
    precondition(task != .causal, "a task that continues texts has no metric beside its loss")
    self.task = task
    self.labels = labels
  }

  /// The number of rows seen.
  public var rows: Int { said.count }

  /// Adds rows: what the head put out for each, and what is true.
  public mutating func add(_ logits: [[Double]], _ targets: [LabelTarget]) {
    precondition(
      logits.count == targets.count, "\(logits.count) rows of logits, \(targets.count) targets")
    for (row, target) in zip(logits, targets) {
      add(LabelTarget(deciding: task, from: row), truth: target)
    }
  }

  /// Adds a row: what the model said, and what is true.
  public mutating func add(_ said: LabelTarget, truth: LabelTarget) {
    self.said.append(said)
    truths.append(truth)
  }

  /// The value of a metric of the task; not a number where it is not defined, as a correlation with
  /// a constant is not.
  public func value(_ metric: Metric) -> Double { tally.value(metric) }

  /// The values of all metrics of the task, in order.
  public var values: [(metric: Metric, value: Double)] {
    let tally = tally
    return task.metrics.map { ($0, tally.value($0)) }
  }

  /// The values by the names of the metrics; null for one that is not defined.
  public var json: JSONObject {
    JSONObject(values.map { ($0.metric.rawValue, .double($0.value)) })
  }

  /// A sentence about each metric that is not defined.
  public var remarks: [String] {
    values.filter(\.value.isNaN).map {
      """
      \($0.metric.rawValue) is not defined: it needs two rows or more, and finite numbers that are \
      not all alike among the predictions and among the targets
      """
    } + (absentLabels.map { [$0] } ?? [])
  }

  /// A sentence about labels that no row has, which count as wrong in the mean over all labels; nil if there are none.
  private var absentLabels: String? {
    guard case .labels(let counts) = tally else { return nil }
    let absent = counts.scores.count { $0.support == 0 }
    guard absent > 0 else { return nil }
    return """
      \(absent) of \(counts.scores.count) labels \(absent == 1 ? "has" : "have") no row here, so \
      \(absent == 1 ? "its" : "their") F1 is 0, which lowers f1_macro
      """
  }

  /// The scores of each label; none where there are numbers instead.
  public func report(_ labels: LabelMap) -> ClassificationReport? {
    switch tally {
    case .classes(let matrix): ClassificationReport(matrix, labels: labels)
    case .labels(let counts): ClassificationReport(counts, labels: labels)
    case .numbers: nil
    }
  }

  private var tally: MetricAccumulator {
    MetricAccumulator(task, labels: labels, said: said, truths: truths)
  }
}
