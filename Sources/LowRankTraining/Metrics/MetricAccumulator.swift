/// What rows of one task add up to.
enum MetricAccumulator {
  case classes(ConfusionMatrix)
  case labels(LabelSetCounts)
  case numbers(said: [Double], true: [Double])

  /// The sum of some rows: what the model said of each, and what is true.
  init(_ task: TrainingTask, labels: Int, said: [LabelTarget], truths: [LabelTarget]) {
    let rows = zip(said, truths)
    switch task {
    case .classification, .imageClassification:
      var matrix = ConfusionMatrix(classes: labels)
      for (said, truth) in rows {
        guard case (.classIndex(let said), .classIndex(let truth)) = (said, truth) else {
          preconditionFailure("\(said) and \(truth) are no classes")
        }
        matrix.add(truth: truth, predicted: said)
      }
      self = .classes(matrix)
    case .multilabel:
      var counts = LabelSetCounts(labels: labels)
      for (said, truth) in rows {
        guard case (.classes(let said), .classes(let truth)) = (said, truth) else {
          preconditionFailure("\(said) and \(truth) are no sets of labels")
        }
        counts.add(truth: truth, predicted: said)
      }
      self = .labels(counts)
    case .regression:
      self = .numbers(said: said.map(Self.number), true: truths.map(Self.number))
    case .causal: preconditionFailure("a task that continues texts adds up to its loss alone")
    }
  }

  private static func number(_ target: LabelTarget) -> Double {
    guard case .number(let number) = target else { preconditionFailure("\(target) is no number") }
    return number
  }

  func value(_ metric: Metric) -> Double {
    switch (self, metric) {
    case (.classes(let matrix), .accuracy): matrix.accuracy
    case (.classes(let matrix), .f1):
      matrix.classes == 2
        ? matrix.scores[1].f1 : ScoreAverage.macro(matrix.scores.filter { !$0.isAbsent }).f1
    case (.classes(let matrix), .matthews): matrix.matthews
    case (.labels(let counts), .f1Micro): ScoreAverage.micro(counts.scores).f1
    case (.labels(let counts), .f1Macro): ScoreAverage.macro(counts.scores).f1
    case (.labels(let counts), .subsetAccuracy): counts.subsetAccuracy
    case (.numbers(let said, let truth), .pearson): pearson(said, truth)
    case (.numbers(let said, let truth), .spearman): spearman(said, truth)
    case (.numbers(let said, let truth), .mse): meanSquaredError(said, truth)
    case (.numbers(let said, let truth), .mae): meanAbsoluteError(said, truth)
    default: preconditionFailure("\(metric.rawValue) is no metric of these rows")
    }
  }
}
