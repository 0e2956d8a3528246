import Foundation
import LowRank
import LowRankRuns

/// The life of a run: opening, resuming, stepping, evaluating, keeping the best, stopping early, saving and recording.
///
/// It prints nothing; what happens comes as events:
///
///     let session = try TrainingSession(settings) { event in
///       if case .step(let step) = event { print(step.number, step.loss) }
///     }
///     let summary = try session.run()
///
/// The same session trains adapters and whole models. A run continues with `resume` exactly as it would have without a
/// break, and in several processes it is the same run.
public final class TrainingSession {
  let settings: RunSettings
  let surroundings: Surroundings
  let report: @Sendable (RunEvent) -> Void
  /// The processes of the run, of which the first has the folder and the record.
  let reducer: any Reducer
  let task: any RunTask
  let subject: any RunSubject
  /// What makes the run the run it is.
  let identity: JSONObject
  var folder: RunFolder?
  var training: Training
  var best: BestValues?
  var metrics = MetricsLog()
  var recorder: RunRecorder?
  var evaluatedStep: Int?
  var watch = MemoryWatch()
  /// The state of the last step, where the run had ended before; nil where it goes on.
  private let end: TrainingState?

  /// The steps of the run.
  public var steps: Int { training.steps }
  /// The model that is trained, or adapted.
  package var base: Model { task.base }
  /// The rows that the run evaluates on; nil for none.
  package var validation: (any TrainingSet)? { task.validation }
  /// The steps taken.
  public var number: Int { training.number }

  /// Opens model, data and state, and refuses what cannot work before anything is computed.
  ///
  /// - Parameters:
  ///   - surroundings: whether the user wants to stop; its remarks become events.
  ///   - reducer: what joins the processes of the run.
  ///   - report: receives what happens.
  /// - Throws: `SettingsError`, and what reading and checking the files throws.
  public convenience init(
    _ settings: RunSettings, in surroundings: Surroundings = .current,
    reducer: any Reducer = SingleProcess(),
    report: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) throws {
    var surroundings = surroundings
    surroundings.once = SaidOnce()
    surroundings.hear = { report(RunEvent($0)) }
    let opened = try Surroundings.$current.withValue(surroundings) {
      try OpenedRun(settings, reducer)
    }
    self.init(opened, surroundings, report)
  }

  private init(
    _ opened: OpenedRun, _ surroundings: Surroundings,
    _ report: @escaping @Sendable (RunEvent) -> Void
  ) {
    (self.surroundings, self.report) = (surroundings, report)
    (settings, reducer, task, subject) = (
      opened.settings, opened.reducer, opened.task, opened.subject
    )
    (identity, folder, training) = (opened.identity, opened.folder, opened.training)
    (best, metrics, evaluatedStep) = (opened.best, opened.metrics, opened.evaluatedStep)
    end = opened.end
  }

  /// Trains to the end, or until the user stops it.
  ///
  /// - Returns: what was reached, also where the run had been finished before.
  /// - Throws: `Interrupted` if the user stopped it; what was reached is saved by then, as with other errors.
  public func run() throws -> RunSummary {
    try Surroundings.$current.withValue(surroundings) {
      let summary = try runToEnd()
      report(.finished(summary))
      return summary
    }
  }

  private func runToEnd() throws -> RunSummary {
    // What reading the data took is of no use any more.
    Heap.trim()
    if let end {
      try folder?.requireIntactResult(of: end)
      Remarks.say("the run is finished: nothing to do")
      return try summary()
    }
    try folder?.checkSpace(for: subject.parameterCount)
    if let folder {
      recorder = try RunRecorder(settings.records) { runFacts(of: folder) }
    }
    do {
      noteUpdates(now: true)
      if try settings.plan.limit != nil { try keepToLimit() }
      try surroundings.whileWatching {
        try task.prepare(training, until: surroundings.isBreakingOff)
        try train()
      }
    } catch {
      recorder?.end(error is Interrupted ? .interrupted : .failed, "\(error)")
      throw error
    }
    recorder?.noteTrainingLoss(MetricsSummary(metrics).loss, at: training.number)
    recorder?.end(.finished)
    let noun = settings.subject.rawValue
    if let sentence = best?.sentence(after: training.number, noun: noun) {
      Remarks.say(KeyedText(sentence))
    }
    return try summary()
  }

  /// Takes the steps and saves what they lead to.
  private func train() throws {
    guard try takeSteps() != .interrupted else {
      if training.number > 0 { try save(isFinished: false) }
      Remarks.insist(
        training.number > 0 || settings.subject == .adapter
          ? "stopped after step \(training.number) of \(training.steps); continue with \(.resume)"
          : "stopped before the first step; nothing is written")
      throw Interrupted()
    }
    try keepingState { try evaluate() }
    warnOfNoRank()
    try save(isFinished: true)
    guard try !reducer.any(surroundings.isStopping()) else {
      Remarks.insist(
        "stopped during the final evaluation; the \(settings.subject.rawValue) is complete")
      throw Interrupted()
    }
  }

  /// Warns where a rank rule has left nothing of an adapter.
  private func warnOfNoRank() {
    guard let ranks = training.allocator?.ranks, ranks.values.allSatisfy({ $0 == 0 }) else {
      return
    }
    Remarks.warn(
      """
      \(.ranks) \(settings.adapter.ranks?.name ?? ""): no module has a direction left, so the adapter changes nothing; \
      give options that keep more of them
      """)
  }

  private enum End { case complete, early, interrupted }

  /// Takes steps until there are none, the user stops, or the metric has not improved for long enough.
  private func takeSteps() throws -> End {
    if training.number > 0, try evaluatesToStop() { return .early }
    while try keepingState({ try !reducer.any(surroundings.isStopping()) }) {
      guard let step = try keepingState({ try training.next() }) else { return .complete }
      metrics.append(step.json)
      recorder?.note(step.json)
      recorder?.noteRanks(step.ranks, at: step.number)
      noteUpdates(now: false)
      report(.step(step))
      checkMemory()
      if try evaluatesToStop() { return .early }
      let isLast = step.number == training.steps
      if !isLast, let every = settings.saveEvery, step.number.isMultiple(of: every) {
        try save(isFinished: false)
      }
    }
    return training.number < training.steps ? .interrupted : .complete
  }

  /// Evaluates where that is due; whether the metric has not improved for long enough.
  private func evaluatesToStop() throws -> Bool {
    guard let every = settings.evalEvery, training.number.isMultiple(of: every) else {
      return false
    }
    try keepingState { try evaluate() }
    guard let patience = settings.patience, let best, best.evaluationsWithoutGain >= patience
    else { return false }
    Remarks.say("stopped early: \(best.name) has not improved in \(patience) evaluations")
    return true
  }

  private func evaluate() throws {
    guard evaluatedStep != training.number else { return }
    report(.evaluating(step: training.number))
    guard let result = try task.evaluate(training, until: surroundings.isBreakingOff) else {
      return
    }
    guard result.loss.isFinite || training.number == 0 else {
      throw TrainingError.nonFiniteEvaluation(step: training.number)
    }
    evaluatedStep = training.number
    watch.isDue = true
    var line: JSONObject = ["step": .integer(training.number), "valid_loss": .double(result.loss)]
    for (key, value) in result.metrics.entries { line["valid_\(key)"] = value }
    metrics.append(line)
    recorder?.note(line)
    noteUpdates(now: true)
    try best?.offer(subject.values(of: training), at: training.number, result)
    report(.evaluation(step: training.number, result))
  }

  /// Saves what is kept and the state of the last step.
  ///
  /// - Parameter extra: how many states are kept beyond the limit.
  func save(isFinished: Bool, besides extra: Int = 0) throws {
    // So that a save does not take more than a step.
    training.returnIdleMemory()
    let last = try subject.values(of: training)
    try folder?.save(
      training, keeping: best?.chosen(last) ?? last, best: best?.step, identity: identity,
      metrics: metrics, isFinished: isFinished, besides: extra)
    report(.saved(step: training.number))
  }

  private func summary() throws -> RunSummary {
    let kept = best.flatMap { $0.step > 0 ? $0.step : nil }
    let summary = MetricsSummary(metrics, keeping: kept)
    return RunSummary(
      steps: training.number, trainableParameters: subject.parameterCount,
      trainingLoss: summary.loss, evaluation: summary.evaluation,
      tokensPerSecond: summary.tokensPerSecond, bestStep: kept, peakMemory: ProcessMemory.peak,
      plannedMemory: watch.planned, memoryLimit: try settings.plan.limit,
      processes: reducer.world)
  }
}
