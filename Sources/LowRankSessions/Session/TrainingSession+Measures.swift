import LowRank

extension TrainingSession {
  /// What each step and each evaluation found so far, also before a break.
  package var measures: MetricsLog { metrics }
  /// The numbers that are trained.
  package var parameterCount: Int { subject.parameterCount }
}

extension RunSettings {
  /// The numbers that a run of these settings would train, without working out where they start.
  ///
  /// - Throws: `SettingsError`, `AdapterError` where the adapter cannot be made on the base.
  package func trainedParameters(for task: any RunTask) throws -> Int {
    var plain = self
    plain.adapter.initialization = nil
    return try plain.makeAdapter(for: task, isResumed: true).parameterCount
  }

  /// The tokens that the model is given in a mean step.
  ///
  /// - Throws: `DataError`.
  package func tokensPerStep(of task: any RunTask) throws -> Double {
    let set = try rows(of: task)
    let tokens = (0..<set.count).reduce(0) { $0 + set.inputTokens(of: $1) }
    return Double(tokens) / Double(max(1, set.count))
      * Double(steps.batchSize * steps.gradAccumulation)
  }
}
