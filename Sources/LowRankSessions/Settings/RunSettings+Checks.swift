import LowRank

extension RunSettings {
  /// The task.
  package var parsedTask: TrainingTask { get throws { try Self.task(task) } }

  /// The task of a name.
  package static func task(_ name: String) throws -> TrainingTask {
    if let parsed = TrainingTask(rawValue: name) { return parsed }
    throw SettingsError.value(name, of: .task, expected: TrainingTask.allCases.map(\.rawValue))
  }

  /// What the best of several evaluations is judged by; nil to keep the last.
  package func metric(for task: TrainingTask) throws -> Metric? {
    guard let metric else {
      return task == .causal ? (patience == nil ? nil : .loss) : task.defaultMetric
    }
    if metric == "last" { return nil }
    let known = [Metric.loss] + (objective.objective == nil ? task.metrics : [.accuracy])
    guard let parsed = Metric(rawValue: metric), known.contains(parsed) else {
      let names = known.map(\.rawValue)
      throw SettingsError(
        """
        \(.metric) is "\(metric)", expected for \(objective.objective ?? task.rawValue) one of \(names.joined(separator: ", ")), or last\
        \(suggestion(for: metric, among: names + ["last"]))
        """)
    }
    return parsed
  }

  /// Refuses what cannot work for any model and any rows, before anything is read.
  ///
  /// - Throws: `SettingsError`.
  public func check() throws {
    try checkNumbers()
    try checkForImages()
    guard !(resume && overwrite) else {
      throw SettingsError("give either \(.resume) or \(.overwrite), not both")
    }
    if initAdapter == nil, !model.checks.allowed.isEmpty {
      throw SettingsError("\(.allow) has no effect without \(.initAdapter)")
    }
    try records.check()
    try splits.check()
    _ = try plan.limit
    guard subject == .adapter else { return try checkNewModel() }
    try adapter.check()
    _ = try plan.statisticsBudget
    if plan.statisticsMemory != nil, try adapter.startOfData() == nil {
      throw SettingsError(
        "\(.statisticsMemory) has no effect without an \(.initialization) that needs statistics of data, as eva"
      )
    }
  }

  /// Refuses numbers that make no sense.
  private func checkNumbers() throws {
    func check(
      _ holds: Bool, _ key: RunKey, _ value: Any, _ expected: KeyedText
    ) throws {
      if !holds { throw SettingsError("\(key) is \(value), expected \(expected)") }
    }
    try check(output != "", .output, "empty", "a folder")
    let task = try parsedTask
    _ = try metric(for: task)
    try checkObjective()
    try steps.check()
    try check((0..<1).contains(baseDropout ?? 0), .baseDropout, baseDropout ?? 0, "below 1")
    try check((evalEvery ?? 1) > 0, .evalEvery, evalEvery ?? 0, "at least 1")
    try check((evalRows ?? 1) > 0, .evalRows, evalRows ?? 0, "at least 1")
    try check((saveEvery ?? 1) > 0, .saveEvery, saveEvery ?? 0, "at least 1")
    try Bounds.check(saveTotalLimit, "\(.saveTotalLimit)")
    try Bounds.check(patience, "\(.patience)")
    try check(patience == nil || evalEvery != nil, .patience, patience ?? 0, "with \(.evalEvery)")
    try check(
      patience == nil || metric != "last", .metric, "last",
      "a metric, which \(.patience) judges by")
    try check(
      (0..<1).contains(labelSmoothing), .labelSmoothing, labelSmoothing, "at least 0 and below 1")
    try check(
      labelSmoothing == 0 || task == .causal || task.choosesClass, .labelSmoothing,
      labelSmoothing, "0 for \(task.rawValue), whose loss has no classes to spread it over")
  }

  /// Refuses a model to train that is named twice or in part.
  private func checkNewModel() throws {
    let task = try parsedTask
    guard task == .causal || task == .imageClassification else {
      throw SettingsError.value(
        self.task, of: .task,
        expected: [TrainingTask.causal, .imageClassification].map(\.rawValue))
    }
    if task == .imageClassification {
      guard tokenizer == nil else {
        throw SettingsError("\(.tokenizer) has no effect with \(.task) \(task.rawValue)")
      }
      guard (model.model == nil) != (config == nil) else {
        throw SettingsError("give either \(.model) DIR, or \(.config) FILE for a new one")
      }
      return
    }
    switch (model.model, config, tokenizer) {
    case (.some, nil, nil), (nil, .some, .some): return
    case (.some, _, _):
      throw SettingsError("give either \(.model) or \(.config) with \(.tokenizer), not both")
    case (nil, .some, nil): throw SettingsError("\(.config) needs \(.tokenizer) DIR")
    case (nil, nil, _):
      throw SettingsError(
        "give \(.model) DIR, or \(.config) FILE and \(.tokenizer) DIR for a new one")
    }
  }
}
