import LowRank

extension TrainingSession {
  /// Measures what the run would take, without a step that counts.
  ///
  /// - Throws: `SettingsError` for a limit that cannot be kept.
  public func plan() throws -> RunForecast {
    try Surroundings.$current.withValue(surroundings) {
      Heap.trim()
      try folder?.checkSpace(for: subject.parameterCount)
      let rehearsal = try rehearseRecording()
      defer { withExtendedLifetime(rehearsal) {} }
      return RunForecast(
        plan: try measured(), trained: subject.parameterCount, base: task.base.parameterCount,
        steps: training.steps, stepsPerEpoch: training.stepsPerEpoch, processes: reducer.world,
        isLimited: settings.plan.memoryLimit != nil)
    }
  }

  /// Measures the run and computes as many rows at once as the limit lets.
  ///
  /// A resumed run computes as many as it did before, which is what makes it the same, unless the limit has room for fewer.
  func keepToLimit() throws {
    let before = training.examplesAtOnce
    let plan = try measured()
    watch = MemoryWatch(planned: plan.memory.total, limit: try settings.plan.limit)
    guard let count = plan.examplesAtOnce, count != before else { return }
    Remarks.say(
      "\(count == 1 ? "1 row is" : "\(count) rows are") computed at once to keep to the memory limit"
    )
    if training.number > 0 {
      Remarks.note("the steps so far computed more rows at once: sums may differ by rounding")
    }
  }

  private func measured() throws -> RunPlan {
    let batchSize =
      switch task.validation {
      case is ExampleSet: Evaluation.batchSize
      case is PreferenceSet: PreferenceEvaluation.batchSize
      default: LabelledEvaluation.batchSize
      }
    do {
      var plan = try training.plan(
        limit: settings.plan.limit, evaluating: task.validation,
        batchSize: batchSize,
        keepsBest: best != nil && task.validation != nil
      ) { ProcessMemory.resident }
      if training.number == 0, let subject = subject as? AdapterSubject {
        try settings.planStatistics(&plan, of: subject.adapter)
      }
      return plan
    } catch let error as PlanError {
      // A budget that is too small is a wrong setting.
      guard case .tooLittle = error else { throw error }
      throw SettingsError(KeyedText("\(error)" as String))
    }
  }

  /// Keeps to the limit what the next steps take, and says once if the run holds more than was planned.
  func checkMemory() {
    if let room = watch.roomIfDue { training.keepMemory(within: room, held: ProcessMemory.current) }
    if let sentence = watch.sentence({ ProcessMemory.peak }) { Remarks.warn(KeyedText(sentence)) }
  }
}

/// What a run would take.
public struct RunForecast: Sendable {
  /// Memory and time.
  public let plan: RunPlan
  /// The numbers that are trained.
  public let trained: Int
  /// The numbers of the base.
  public let base: Int
  /// The steps of the run.
  public let steps: Int
  /// The steps per epoch.
  public let stepsPerEpoch: Int
  /// The processes of the run, to each of which the memory goes.
  public let processes: Int
  /// Whether the run keeps to a limit.
  public let isLimited: Bool

  /// The whole run, in seconds.
  public var seconds: Double { plan.secondsPerStep * Double(steps) }
}
