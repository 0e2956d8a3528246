import LowRank

extension RunSettings {
  /// The task that is asked for, with its model and rows.
  ///
  /// - Throws: `SettingsError`, and what reading model and data throws.
  package func openTask() throws -> any RunTask {
    if let objective = try parsedObjective { return try PreferenceTask(self, objective) }
    let kind = try parsedTask
    return kind == .causal ? try CausalTask(self) : try ClassifierTask(self, kind)
  }

  /// The model with the head of the task, its dropout as asked for.
  func loadBase(as head: ModelHead, renewingHead renewsHead: Bool = false) throws -> Model {
    var base = try model.loadModel(as: head, renewingHead: renewsHead)
    if let baseDropout { base.architecture.setDropout(Float(baseDropout)) }
    return base
  }
}

extension ValidShare {
  /// Reports how rows are divided.
  func announce(_ trained: Int, _ evaluated: Int, of source: String) {
    Remarks.say(
      "\(source): \(trained) row\(trained == 1 ? "" : "s") to train on, \(evaluated) to evaluate on (\(.validShare) \(share)); evaluate reads them with the same \(.data), \(.validShare) and \(.seed)"
    )
  }
}
