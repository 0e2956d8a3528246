import Foundation
import LowRank

/// A run before its first step: what it was given, opened, checked and brought to where it stopped.
struct OpenedRun {
  let settings: RunSettings
  let reducer: any Reducer
  let folder: RunFolder?
  let task: any RunTask
  let subject: any RunSubject
  let identity: JSONObject
  let training: Training
  let best: BestValues?
  let metrics: MetricsLog
  let evaluatedStep: Int?
  /// The state of the last step, where the run had ended before; nil where it goes on.
  let end: TrainingState?

  /// Opens a run; what cannot work is refused before anything is computed.
  init(_ settings: RunSettings, _ reducer: any Reducer) throws {
    (self.settings, self.reducer) = (settings, reducer)
    try settings.check()
    if reducer.rank == 0 { try settings.records.checkStore() }
    let folder = reducer.rank == 0 ? try RunFolder(settings) : nil
    let shared = try SharedState.handed(folder?.state(), to: reducer)
    let state = shared?.state
    if let state {
      try RunFolder.check(
        state.settings, against: settings.plainIdentity(), settingsAlone: true, of: settings)
    }
    if let start = settings.initAdapter { _ = try settings.model.adapterFolder(start) }
    var task = try settings.openTask()
    try settings.checkEvaluation(of: task, isResumed: state != nil)
    let rows: any TrainingSet
    let steps: Int
    switch settings.subject {
    case .adapter:
      var adapter = try settings.makeAdapter(for: task, isResumed: state != nil)
      if state == nil, settings.initAdapter == nil { try settings.checkStart(of: adapter) }
      if let state {
        adapter = try settings.makeAdapter(for: task, resuming: adapter, with: state.settings)
      }
      rows = try settings.rows(of: task)
      steps = try settings.steps.count(rows: rows.count)
      var subject = AdapterSubject(adapter)
      var identity = try settings.identity(of: subject, task, rows, steps: steps)
      // Before values are shared: those of other settings have other shapes.
      try settings.agree(task, rows, identity, reducer)
      if state == nil, !settings.plan.dryRun, let start = try settings.adapter.startOfData() {
        subject = AdapterSubject(
          try settings.makeAdapter(
            for: task, startingAt: start, insteadOf: adapter, rows: rows, reducer))
        identity = try settings.identity(of: subject, task, rows, steps: steps)
      }
      subject.keep(task)
      (self.subject, self.identity) = (subject, identity)
    case .model:
      rows = try settings.rows(of: task)
      steps = try settings.steps.count(rows: rows.count)
      let subject = ModelSubject(task)
      let identity = try settings.identity(of: subject, task, rows, steps: steps)
      try settings.agree(task, rows, identity, reducer)
      (self.subject, self.identity) = (subject, identity)
    }
    var training = try subject.training(
      settings, of: task, on: rows, steps: steps, reducer: reducer)
    // Of a whole model, the weights to begin with are of no use any more.
    if settings.subject == .model { task.releaseWeights() }
    training.labelSmoothing = settings.labelSmoothing
    training.recomputesBlocks = settings.plan.gradCheckpointing
    var metrics = MetricsLog()
    if let state {
      try RunFolder.check(state.settings, against: identity, of: settings)
      try state.restore(&training)
      metrics = MetricsLog(state.metrics)
      Remarks.say(
        "resuming \(settings.output ?? "") after step \(training.number) of \(steps)")
    }
    if state == nil, settings.subject == .adapter,
      try !settings.plan.dryRun || settings.adapter.startOfData() == nil
    {
      do { try settings.combination.check(training) } catch let error as MethodError {
        throw SettingsError(KeyedText("\(error)" as String))
      }
    }
    // One that was broken off is made up for.
    evaluatedStep = state?.metrics.last { $0["valid_loss"] != nil }?["step"]?.integer
    end = state.flatMap { $0.isFinished ? $0 : nil }
    let subject = subject
    best = try task.metric.map { metric in
      try BestValues(metric, resuming: metrics) {
        try shared.map {
          // A state holds a whole model only if an earlier one than its own was the best.
          settings.subject == .model && $0.state.keptStep == $0.state.number
            ? try subject.values(of: training) : try subject.values(in: $0.folder)
        }
      }
    }
    (self.folder, self.task, self.training, self.metrics) = (folder, task, training, metrics)
    // The plan of a dry run says it.
    if !settings.plan.dryRun { subject.announce() }
  }
}
