/// What tells how well a model does its task.
public enum Metric: String, Hashable, Sendable, CaseIterable {
  /// The mean of what training makes small.
  case loss
  /// The share of rows whose class is right.
  case accuracy
  /// The F1 score of class 1 where there are two, else the mean of those of all classes that
  /// occur or were given.
  case f1
  /// The mean of the F1 scores of all labels.
  case f1Macro = "f1_macro"
  /// The F1 score of all decisions taken together.
  case f1Micro = "f1_micro"
  /// The share of rows all of whose labels are right, and none too many.
  case subsetAccuracy = "subset_accuracy"
  /// Matthews' correlation between classes.
  case matthews
  /// Pearson's correlation between numbers.
  case pearson
  /// Spearman's correlation between the ranks of numbers.
  case spearman
  /// The mean squared error.
  case mse
  /// The mean absolute error.
  case mae

  /// Whether a greater value is a better one.
  public var isBetterHigher: Bool {
    switch self {
    case .loss, .mse, .mae: false
    case .accuracy, .f1, .f1Macro, .f1Micro, .subsetAccuracy, .matthews, .pearson, .spearman: true
    }
  }

  /// Whether `value` is better than `other`; nothing is as good as a value that is not defined.
  public func isBetter(_ value: Double, than other: Double) -> Bool {
    guard !value.isNaN, !other.isNaN else { return !value.isNaN }
    return isBetterHigher ? value > other : value < other
  }
}

extension Metric {
  /// The class that the metric is of, where it is of one: F1 of two classes is of the second.
  public func classOf(_ labels: LabelMap) -> String? {
    self == .f1 && labels.count == 2 ? labels[1] : nil
  }

  /// The metric in words, with the class that it is of.
  public func words(_ labels: LabelMap?) -> String {
    let name = rawValue.split(separator: "_").joined(separator: " ")
    return labels.flatMap(classOf).map { "\(name) of \"\($0)\"" } ?? name
  }
}

extension TrainingTask {
  /// The metrics of the task beside its loss, in the order in which they are shown.
  public var metrics: [Metric] {
    switch self {
    case .causal: []
    case .classification, .imageClassification: [.accuracy, .f1, .matthews]
    case .multilabel: [.f1Micro, .f1Macro, .subsetAccuracy]
    case .regression: [.pearson, .spearman, .mse, .mae]
    }
  }

  /// What a model is judged by unless something else is asked for.
  public var defaultMetric: Metric { metrics.first ?? .loss }
}
