extension Target {
  /// What a model says, given what its head puts out for one row.
  ///
  /// Of classes the one with the greatest logit, the first of equal ones; of labels those with a
  /// logit above 0, which is a probability above one half; else the only number.
  public init(deciding task: Task, from logits: [Double]) {
    switch task {
    case .classification:
      guard let greatest = logits.max(), let index = logits.firstIndex(of: greatest) else {
        preconditionFailure("no class among \(logits)")
      }
      self = .classIndex(index)
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
