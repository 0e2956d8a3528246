import Foundation
import LowRank

/// What `train` does around the loop: announcing, evaluating, saving, stopping, and the closing report.
struct TrainingSession {
  private let flags: Train
  private let place: URL
  private let task: any TaskRun
  private let settings: JSONObject
  private var training: Training
  private var best: BestAdapter?
  private var metrics: [JSONObject] = []
  private var progress: ProgressLine
  private var evaluatedStep: Int?
  private let finishedBefore: Bool

  /// Opens model, data and state, and refuses what cannot work before anything is computed.
  init(_ flags: Train) throws {
    self.flags = flags
    let run = flags.runOptions
    try run.check()
    guard let path = run.adapterPath else { throw UsageError("--adapter-path DIR is missing") }
    place = URL(filePath: path)
    let state = try run.resume ? TrainingState(in: Self.stateFolder(place)) : nil
    if run.resume, state == nil {
      Console.write("note: \(path) holds no state to resume: the run starts from the beginning")
    }
    if state == nil {
      _ = try OutputFolder(
        path, flag: "--adapter-path", overwrite: run.overwrite, marker: "adapter_config.json",
        sparing: [
          flags.options.model, flags.dataOptions.data, run.trainFile, run.validFile,
          run.initAdapter,
        ])
    } else {
      try probeWritable(place)
    }

    if let start = run.initAdapter { _ = try AdapterFolder(at: URL(filePath: start)) }
    task = try flags.taskRun()
    if !task.hasValidation {
      if let metric = run.metric, metric != "last" {
        throw UsageError("--metric \(metric) has no effect: there are no rows to evaluate on")
      }
      if run.evalEvery != nil { Console.write("note: there are no rows to evaluate on") }
    }
    var adapter = try flags.adapter(for: task)
    adapter.task = task.facts
    let steps = try run.steps.count(rows: task.train.count)
    training = try Training(
      adapter, on: task.train, optimizer: run.steps.optimization(), steps: steps,
      batchSize: run.steps.batchSize, accumulation: run.steps.gradAccumulation,
      seed: flags.options.seedBits, shuffles: !run.noShuffle)
    settings = try flags.settings(adapter, task, steps: steps)
    finishedBefore = state?.isFinished ?? false
    if let state {
      try Self.check(state.settings, against: settings, in: path)
      try state.restore(&training)
      metrics = state.metrics
      Console.write("resuming \(path) after step \(training.number) of \(steps)")
    }
    if let metric = task.metric {
      best = try BestAdapter(metric, resuming: metrics, in: place, on: task.base)
    }
    progress = ProgressLine(steps: steps, from: training.number)
    let base = task.base
    Console.write(
      """
      \(adapter.sites.count + adapter.embeddings.count) modules adapted, \
      \(adapter.parameterCount) parameters trained of \(base.parameterCount) \
      (\(String(format: "%.2f", 100 * Double(adapter.parameterCount) / Double(base.parameterCount))) %)
      """)
  }

  /// Trains to the end, or until the user stops it.
  mutating func run() throws {
    let run = flags.runOptions
    if finishedBefore {
      Console.write("the run is finished: nothing to do")
      return try report()
    }
    Interruption.watch()
    while !Interruption.isRequested, let step = try training.next() {
      metrics.append(step.json)
      progress.show(step)
      if let every = run.evalEvery, step.number.isMultiple(of: every) { evaluate() }
      let isLast = step.number == training.steps
      if !isLast, let every = run.saveEvery, step.number.isMultiple(of: every) { try save() }
    }
    progress.finish()
    if Interruption.isRequested, training.number < training.steps {
      if training.number > 0 { try save() }
      Console.write(
        "stopped after step \(training.number) of \(training.steps); continue with --resume")
      throw Interrupted()
    }
    evaluate()
    try save()
    guard !Interruption.isRequested else {
      Console.write("stopped in the closing evaluation; the adapter is complete")
      throw Interrupted()
    }
    if let sentence = best?.sentence(after: training.steps) { Console.write(sentence) }
    try report()
  }

  private mutating func evaluate() {
    guard evaluatedStep != training.number,
      let result = task.evaluate(training, until: { Interruption.isRequested })
    else { return }
    evaluatedStep = training.number
    var line: JSONObject = ["step": .integer(training.number), "valid_loss": .double(result.loss)]
    for (key, value) in result.metrics.entries { line["valid_\(key)"] = value }
    metrics.append(line)
    best?.offer(training.adapter, at: training.number, result)
    progress.note("step \(training.number): \(result.sentence)")
  }

  /// Writes adapter and state in one stroke: the best adapter, and the state of the last step.
  private func save() throws {
    try publishFolder(at: place, overwrite: flags.runOptions.overwrite || isOwn(place)) { folder in
      try (best?.chosen(training.adapter) ?? training.adapter).write(into: folder)
      try TrainingState.write(
        training, settings: settings, metrics: metrics, into: Self.stateFolder(folder))
    }
  }

  /// Whether the folder was written by this run or the one it resumes.
  private func isOwn(_ place: URL) -> Bool {
    guard let state = try? TrainingState(in: Self.stateFolder(place)) else { return false }
    return state.settings == settings
  }

  private static func stateFolder(_ adapter: URL) -> URL { adapter.appending(path: "state") }

  private static func check(_ old: JSONObject, against new: JSONObject, in path: String) throws {
    for (key, value) in new.entries where old[key] != value {
      if let before = old[key]?.object, let now = value.object {
        try check(before, against: now, in: path)
      }
      throw UsageError(
        """
        \(path): the run to resume had \(key) \(old[key]?.text() ?? "null"), this one has \(value.text()); \
        give it the same, or start anew with --overwrite
        """)
    }
  }

  private func report() throws {
    let kept = best.flatMap { $0.step > 0 ? $0.step : nil }
    let summary = TrainingSummary(metrics, keeping: kept)
    guard flags.options.json else {
      return Console.write(
        "\(place.relativePath): \(training.number) steps, \(summary.text), "
          + String(format: "%.2f GB", Double(ProcessMemory.peak) / 1e9))
    }
    var json: JSONObject = [
      "adapter": .string(place.relativePath), "steps": .integer(training.number),
      "trainable_parameters": .integer(training.adapter.parameterCount),
    ]
    for (key, value) in summary.json.entries { json[key] = value }
    json["peak_memory_bytes"] = .integer(ProcessMemory.peak)
    if let kept { json["best_step"] = .integer(kept) }
    try Console.result(json)
  }
}
