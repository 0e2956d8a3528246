import Foundation
import LowRank
import LowRankRuns

/// What `train` does around the loop: announcing, evaluating, saving, stopping, and the closing report.
struct TrainingSession {
  private let flags: Train
  /// The processes of the run, of which the first has the folder and the record.
  private let reducer: any Reducer
  private var folder: RunFolder?
  private let task: any TaskRun
  private let settings: JSONObject
  private var training: Training
  private var best: BestAdapter?
  private var metrics = MetricsLog()
  private var progress: ProgressLine
  private var recorder: RunRecorder?
  private var evaluatedStep: Int?
  private var watch = MemoryWatch()
  private let finishedBefore: Bool

  /// Opens model, data and state, and refuses what cannot work before anything is computed.
  init(_ flags: Train) throws {
    self.flags = flags
    let run = flags.runOptions
    try run.check()
    reducer = try Processes.join()
    if Processes.isFirst {
      try flags.recordOptions.checkStore()
      folder = try RunFolder(
        run,
        sparing: [
          flags.options.model, flags.dataOptions.data, flags.splitOptions.trainFile,
          flags.splitOptions.validFile, run.initAdapter,
        ], isDry: flags.planOptions.dryRun)
    }
    if run.steps.learningRate == 0 {
      Console.write("note: with a learning rate of 0 nothing is trained")
    }
    let shared = try SharedState.handed(folder?.state(), to: reducer)
    let state = shared?.state
    if let state {
      try RunFolder.check(
        state.settings, against: flags.plainSettings(), flagsAlone: true, of: run)
    }
    if let start = run.initAdapter { _ = try flags.options.adapterFolder(start) }
    task = try flags.taskRun()
    try flags.checkEvaluation(of: task)
    var adapter = try flags.adapter(for: task, isResumed: state != nil)
    if let state { adapter = try flags.adapter(for: task, resuming: adapter, with: state.settings) }
    let rows = try flags.rows(of: task)
    let steps = try run.steps.count(rows: rows.count)
    var settings = try flags.settings(adapter, task, rows, steps: steps)
    // Before values are shared: those of other flags have other shapes.
    try Processes.agree(on: flags.facts(of: task, rows, settings), reducer)
    if state == nil, !flags.planOptions.dryRun, let start = try flags.adapterOptions.startOfData() {
      adapter = try flags.adapter(
        for: task, startingAt: start, insteadOf: adapter, rows: rows, reducer)
      settings = try flags.settings(adapter, task, rows, steps: steps)
    }
    self.settings = settings
    adapter.task = task.facts
    adapter.chatTemplate = task.chatTemplate ?? adapter.chatTemplate
    training = try Training(
      adapter, on: rows, optimizer: run.steps.optimization(), steps: steps,
      batchSize: run.steps.batchSize, accumulation: run.steps.gradAccumulation,
      seed: flags.options.seedBits, shuffles: !run.noShuffle, reducer: reducer)
    training.labelSmoothing = run.labelSmoothing
    training.recomputesBlocks = flags.planOptions.gradCheckpointing
    finishedBefore = state?.isFinished ?? false
    if let state {
      try RunFolder.check(state.settings, against: settings, of: run)
      try state.restore(&training)
      metrics = MetricsLog(state.metrics)
      // One that was broken off is made up for.
      evaluatedStep = state.metrics.last { $0["valid_loss"] != nil }?["step"]?.integer
      Console.write(
        "resuming \(run.adapterPath ?? "") after step \(training.number) of \(steps)")
    }
    if let metric = task.metric {
      best = try BestAdapter(
        metric, resuming: metrics, in: shared?.folder, on: task.base)
    }
    progress = ProgressLine(steps: steps, from: training.number)
    let base = task.base
    // The plan of a dry run says it.
    guard !flags.planOptions.dryRun else { return }
    Console.write(
      """
      \(adapter.sites.count + adapter.embeddings.count) modules adapted, \
      \(adapter.parameterCount) parameters trained of \(base.parameterCount) \
      (\(String(format: "%.2f", 100 * Double(adapter.parameterCount) / Double(base.parameterCount))) %)
      """)
  }

  /// Trains to the end, or until the user stops it.
  mutating func run() throws {
    // What reading the data took is of no use any more.
    Heap.trim()
    if flags.planOptions.dryRun {
      try folder?.checkSpace(for: training.adapter.parameterCount)
      return try reportPlan()
    }
    if finishedBefore {
      Console.write("the run is finished: nothing to do")
      return try report()
    }
    try folder?.checkSpace(for: training.adapter.parameterCount)
    if let folder {
      recorder = try RunRecorder(flags.recordOptions) { try runFacts(of: folder) }
    }
    do {
      recorder?.noteUpdates(of: training, now: true)
      if try flags.planOptions.limit != nil { try keepToLimit() }
      try train()
    } catch {
      recorder?.end(error is Interrupted ? .interrupted : .failed, "\(error)")
      throw error
    }
    recorder?.noteTrainingLoss(TrainingSummary(metrics).loss, at: training.number)
    recorder?.end(.finished)
    if let sentence = best?.sentence(after: training.number) { Console.write(sentence) }
    try report()
  }

  /// Takes the steps and saves what they lead to.
  private mutating func train() throws {
    Interruption.watch()
    let end = try takeSteps()
    progress.finish()
    guard end != .interrupted else {
      if training.number > 0 { try save(isFinished: false) }
      Console.insist(
        "stopped after step \(training.number) of \(training.steps); continue with --resume")
      throw Interrupted()
    }
    try keepingState { try $0.evaluate() }
    try save(isFinished: true)
    guard try !reducer.any(Interruption.isRequested) else {
      Console.insist("stopped during the final evaluation; the adapter is complete")
      throw Interrupted()
    }
  }

  private func runFacts(of folder: RunFolder) throws -> RunFacts {
    var configuration = settings
    // The adapter's own configuration says the same.
    configuration[Train.flagsKey] = nil
    return RunFacts(
      adapter: folder.url.standardizedFileURL.path, task: flags.runOptions.task,
      base: flags.options.model ?? "", baseFingerprint: settings["base"]?.string,
      data: flags.dataOptions.data ?? flags.splitOptions.trainFile ?? "",
      dataHash: settings["data"]?.string ?? "",
      configuration: JSONValue.object(configuration).text(),
      versions: JSONValue.object(["lowrank": .string(LowRankCommand.version)]).text(),
      steps: training.steps, firstStep: training.number)
  }

  private enum End { case complete, early, interrupted }

  /// Takes steps until there are none, the user stops, or the metric has not improved for long enough.
  private mutating func takeSteps() throws -> End {
    let run = flags.runOptions
    if training.number > 0, try evaluatesToStop() { return .early }
    while try keepingState({ try !$0.reducer.any(Interruption.isRequested) }) {
      guard let step = try keepingState({ try $0.training.next() }) else { return .complete }
      metrics.append(step.json)
      recorder?.note(step.json)
      recorder?.noteUpdates(of: training, now: false)
      progress.show(step)
      checkMemory()
      if try evaluatesToStop() { return .early }
      let isLast = step.number == training.steps
      if !isLast, let every = run.saveEvery, step.number.isMultiple(of: every) {
        try save(isFinished: false)
      }
    }
    return training.number < training.steps ? .interrupted : .complete
  }

  /// Evaluates where that is due; whether the metric has not improved for long enough.
  private mutating func evaluatesToStop() throws -> Bool {
    let run = flags.runOptions
    guard let every = run.evalEvery, training.number.isMultiple(of: every) else { return false }
    try keepingState { try $0.evaluate() }
    guard let patience = run.patience, let best, best.evaluationsWithoutGain >= patience else {
      return false
    }
    progress.note("stopped early: \(best.name) has not improved in \(patience) evaluations")
    return true
  }

  /// Does what may fail without harm to what was reached, and keeps that if it does.
  private mutating func keepingState<Result>(_ work: (inout Self) throws -> Result) throws -> Result
  {
    do { return try work(&self) } catch {
      if training.number > 0 {
        let hasDiverged = (error as? TrainingError)?.isNotFinite == true
        let good = folder?.newestStep(before: training.number)
        // One state more, so that the last good one stays.
        try save(isFinished: false, besides: hasDiverged ? 1 : 0)
        Console.insist(
          "the state after step \(training.number) is kept; "
            + (hasDiverged
              ? wayBack(
                to: good,
                isEvaluation: error as? TrainingError == .nonFiniteEvaluation(step: training.number)
              )
              : "continue with --resume"))
      }
      throw error
    }
  }

  /// What to do after a step without finite numbers, which a resumed run would only take again.
  ///
  /// - Parameters:
  ///   - good: the last step whose state was saved and whose next step had finite numbers.
  ///   - isEvaluation: whether numbers were not finite in an evaluation.
  private func wayBack(to good: Int?, isEvaluation: Bool) -> String {
    let start =
      isEvaluation
      ? "--resume would only repeat this evaluation. "
      : "--resume would only repeat step \(training.number + 1). "
    let rate = "a lower --learning-rate than \(flags.runOptions.steps.learningRate)"
    guard let good, let folder else {
      return start
        + "There is no earlier state: begin again with \(rate); --save-every keeps states on the way"
    }
    return start
      + "The last good state is that of step \(good): train it further with --init-adapter "
      + "\(folder.place(ofStep: good)), another --adapter-path and \(rate)"
  }

  private mutating func evaluate() throws {
    guard evaluatedStep != training.number else { return }
    progress.finish()
    guard
      let result = try task.evaluate(training, until: { Processes.isBreakingOff })
    else { return }
    guard result.loss.isFinite || training.number == 0 else {
      throw TrainingError.nonFiniteEvaluation(step: training.number)
    }
    evaluatedStep = training.number
    watch.isDue = true
    var line: JSONObject = ["step": .integer(training.number), "valid_loss": .double(result.loss)]
    for (key, value) in result.metrics.entries { line["valid_\(key)"] = value }
    metrics.append(line)
    recorder?.note(line)
    recorder?.noteUpdates(of: training, now: true)
    best?.offer(training.adapter, at: training.number, result)
    progress.note("step \(training.number): \(result.sentence)")
  }

  /// - Parameter extra: how many states are kept beyond --save-total-limit.
  private mutating func save(isFinished: Bool, besides extra: Int = 0) throws {
    // So that a save does not take more than a step.
    training.returnIdleMemory()
    let kept = best?.chosen(training.adapter) ?? training.adapter
    let (best, settings, metrics) = (best?.step, settings, metrics)
    let training = training
    try folder?.save(
      training, keeping: kept, best: best, settings: settings, metrics: metrics,
      isFinished: isFinished, besides: extra)
  }

  /// Measures the run and computes as many rows at once as the limit lets.
  ///
  /// A resumed run computes as many as it did before, which is what makes it the same, unless the limit has room for fewer.
  private mutating func keepToLimit() throws {
    let before = training.examplesAtOnce
    let plan = try measured()
    watch = MemoryWatch(planned: plan.memory.total, limit: try flags.planOptions.limit)
    guard let count = plan.examplesAtOnce, count != before else { return }
    Console.write(
      "\(count == 1 ? "1 row is" : "\(count) rows are") computed at once to keep to the memory limit"
    )
    if training.number > 0 {
      Console.write(
        "note: the steps so far computed more rows at once: sums may differ by rounding")
    }
  }

  private mutating func measured() throws -> RunPlan {
    let isCausal = task.validation is ExampleSet
    let limit = try flags.planOptions.limit
    do {
      var plan = try training.plan(
        limit: limit, evaluating: task.validation,
        batchSize: isCausal ? Evaluation.batchSize : LabelledEvaluation.batchSize,
        keepsBest: best != nil && task.validation != nil
      ) { ProcessMemory.resident }
      if training.number == 0 { try flags.planStatistics(&plan, of: training.adapter) }
      return plan
    } catch let error as PlanError {
      // A budget that is too small is wrong usage, as for --size and --parameters of compress.
      guard case .tooLittle = error else { throw error }
      throw UsageError("\(error)")
    }
  }

  /// Says once if the run holds more than was planned, and returns idle memory where it comes near the limit.
  private mutating func checkMemory() {
    if watch.isTight({ ProcessMemory.current }) { training.returnIdleMemory() }
    if let sentence = watch.sentence({ ProcessMemory.peak }) { progress.note(sentence) }
  }

  private mutating func reportPlan() throws {
    let rehearsal = try rehearseRecording()
    defer { withExtendedLifetime(rehearsal) {} }
    let report = PlanReport(
      plan: try measured(), trained: training.adapter.parameterCount,
      base: task.base.parameterCount, steps: training.steps,
      stepsPerEpoch: training.stepsPerEpoch, processes: reducer.world,
      isLimited: flags.planOptions.memoryLimit != nil)
    guard flags.options.json else { return try Console.result(report.text) }
    try Console.result(report.json)
  }

  /// Records the run in a temporary store, so that a limit is compared with what the run will hold; nil if it is not recorded.
  private func rehearseRecording() throws -> (RunRecorder, ScratchFolder)? {
    guard let folder, flags.recordOptions.place != nil, flags.planOptions.memoryLimit != nil else {
      return nil
    }
    let scratch = try ScratchFolder.made(for: "plan")
    var options = flags.recordOptions
    (options.store, options.tensorboard) = (scratch.url.appending(path: "runs.sqlite").path, nil)
    var recorder = try RunRecorder(options) { try runFacts(of: folder) }
    recorder.noteUpdates(of: training, now: true)
    return (recorder, scratch)
  }

  private func report() throws {
    let kept = best.flatMap { $0.step > 0 ? $0.step : nil }
    let summary = TrainingSummary(metrics, keeping: kept)
    let path = flags.runOptions.adapterPath ?? ""
    guard flags.options.json else {
      return Console.write(
        "\(path): \(counted(training.number, "step")), \(summary.text), "
          + String(format: "%.2f GB", Double(ProcessMemory.peak) / 1e9))
    }
    var json: JSONObject = [
      "adapter": .string(path), "steps": .integer(training.number),
      "trainable_parameters": .integer(training.adapter.parameterCount),
    ]
    for (key, value) in summary.json.entries { json[key] = value }
    json["peak_memory_bytes"] = .integer(ProcessMemory.peak)
    if let planned = watch.planned { json["planned_memory_bytes"] = .integer(planned) }
    if let limit = try flags.planOptions.limit { json["memory_limit_bytes"] = .integer(limit) }
    if reducer.world > 1 { json["processes"] = .integer(reducer.world) }
    if let kept { json["best_step"] = .integer(kept) }
    try Console.result(json)
  }
}
