extension LabelTarget {
  /// What a model says, given what its head puts out for one row.
  ///
  /// Of classes the one with the greatest logit, the first of equal ones; of labels those with a
  /// logit above 0, which is a probability above one half; else the only number.
  public init(deciding task: TrainingTask, from logits: [Double]) {
    switch task {
    case .classification, .imageClassification:
      precondition(!logits.isEmpty, "no class to choose from")
      var best = 0
      for index in logits.indices where logits[index] > logits[best] { best = index }
      self = .classIndex(best)
    case .multilabel:
      self = .classes(logits.indices.filter { logits[$0] > 0 })
    case .regression:
      precondition(logits.count == 1, "\(logits.count) logits for one number")
      self = .number(logits[0])
    case .causal:
      preconditionFailure("a task that continues texts decides nothing")
    }
  }
}
