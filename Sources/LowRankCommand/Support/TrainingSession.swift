import Foundation
import LowRank

/// What `train` does around the loop: announcing, evaluating, saving, stopping, and the closing report.
struct TrainingSession {
  private let flags: Train
  private let place: URL
  private let valid: ExampleSet?
  private let settings: JSONObject
  private var training: Training
  private var metrics: [JSONObject] = []
  private var progress: ProgressLine
  private var validLoss: (step: Int, loss: Double)?
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

    var base = try flags.options.loadModel()
    if let dropout = run.baseDropout { base.architecture.setDropout(Float(dropout)) }
    let (train, valid) = try Self.data(flags, base)
    self.valid = valid
    let adapter = try Self.adapter(flags, on: base)
    let steps = try run.steps.count(rows: train.examples.count)
    training = try Training(
      adapter, on: train, optimizer: run.steps.optimization(), steps: steps,
      batchSize: run.steps.batchSize, accumulation: run.steps.gradAccumulation,
      seed: flags.options.seedBits, shuffles: !run.noShuffle)
    settings = try Self.settings(flags, adapter, train, steps: steps)
    finishedBefore = state?.isFinished ?? false
    if let state {
      try Self.check(state.settings, against: settings, in: path)
      try state.restore(&training)
      metrics = state.metrics
      Console.write("resuming \(path) after step \(training.number) of \(steps)")
    }
    progress = ProgressLine(steps: steps, from: training.number)
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
    try report()
  }

  private mutating func evaluate() {
    guard let valid, validLoss?.step != training.number else { return }
    guard let result = Evaluation(training, on: valid, until: { Interruption.isRequested }) else {
      return
    }
    validLoss = (training.number, result.loss)
    metrics.append(["step": .integer(training.number), "valid_loss": .double(result.loss)])
    progress.note(
      String(
        format: "step %d: validation loss %.4f, perplexity %.3f", training.number, result.loss,
        result.perplexity))
  }

  /// Writes adapter and state in one stroke.
  private func save() throws {
    try publishFolder(at: place, overwrite: flags.runOptions.overwrite || isOwn(place)) { folder in
      try training.adapter.write(into: folder)
      try TrainingState.write(
        training, settings: settings, metrics: metrics, into: Self.stateFolder(folder))
    }
  }

  /// Whether the folder was written by this run or the one it resumes.
  private func isOwn(_ place: URL) -> Bool {
    guard let state = try? TrainingState(in: Self.stateFolder(place)) else { return false }
    return state.settings == settings
  }

  private func report() throws {
    let steps = metrics.filter { $0["loss"] != nil }
    let closing = steps.suffix(max(1, steps.count / 10))
    func total(_ key: String, _ lines: some Swift.Sequence<JSONObject>) -> Double {
      lines.reduce(0) { $0 + ($1[key]?.double ?? 0) }
    }
    let loss =
      closing.reduce(0) { $0 + ($1["loss"]?.double ?? 0) * ($1["tokens"]?.double ?? 0) }
      / max(1, total("tokens", closing))
    let rate = total("input_tokens", steps) / max(1e-9, total("seconds", steps))
    let lastValid = metrics.last { $0["valid_loss"] != nil }?["valid_loss"] ?? .null
    guard flags.options.json else {
      return Console.write(
        String(
          format: "%@: %d steps, training loss %.4f%@, %.0f tokens/s, %.2f GB", place.relativePath,
          training.number, loss,
          lastValid.double.map { String(format: ", validation loss %.4f", $0) } ?? "", rate,
          Double(ProcessMemory.peak) / 1e9))
    }
    try Console.result([
      "adapter": .string(place.relativePath), "steps": .integer(training.number),
      "trainable_parameters": .integer(training.adapter.parameterCount),
      "train_loss": .double(loss), "valid_loss": lastValid, "tokens_per_second": .double(rate),
      "peak_memory_bytes": .integer(ProcessMemory.peak),
    ])
  }
}

extension TrainingSession {
  private static func stateFolder(_ adapter: URL) -> URL { adapter.appending(path: "state") }

  private static func data(_ flags: Train, _ base: Model) throws -> (ExampleSet, ExampleSet?) {
    let run = flags.runOptions
    var files: DataFiles
    if let data = flags.dataOptions.data {
      files = try DataFiles(at: URL(filePath: data))
      if let train = run.trainFile { files.train = URL(filePath: train) }
    } else if let train = run.trainFile {
      files = DataFiles(train: URL(filePath: train))
    } else {
      throw UsageError("--data PATH is missing")
    }
    if let valid = run.validFile { files.valid = URL(filePath: valid) }
    let encoder = try flags.dataOptions.encoder(for: base)
    func set(_ url: URL) throws -> ExampleSet {
      let set = try ExampleSet(at: url, encoder: encoder, textColumn: flags.dataOptions.textColumn)
      DataOptions.announce(set)
      return set
    }
    return (try set(files.train), try files.valid.map(set))
  }

  private static func adapter(_ flags: Train, on base: Model) throws -> Adapter {
    guard let start = flags.runOptions.initAdapter else {
      return try Adapter(
        on: base, configuration: flags.adapterOptions.configuration(), seed: flags.options.seedBits)
    }
    if let flag = flags.adapterOptions.given.first {
      throw UsageError("\(flag) contradicts --init-adapter, which brings its own")
    }
    return try Adapter(from: URL(filePath: start), on: base)
  }

  /// What makes a run the run it is: a state is only continued under the same.
  private static func settings(
    _ flags: Train, _ adapter: Adapter, _ train: ExampleSet, steps: Int
  ) throws -> JSONObject {
    let run = flags.runOptions
    var configuration = adapter.peftConfiguration
    configuration["base_model_name_or_path"] = nil
    return [
      "steps": .integer(steps), "batch_size": .integer(run.steps.batchSize),
      "grad_accumulation": .integer(run.steps.gradAccumulation),
      "seed": .integer(flags.options.seed),
      "shuffle": .bool(!run.noShuffle),
      "learning_rate": .double(run.steps.learningRate),
      "lr_schedule": .string(run.steps.lrSchedule),
      "warmup": .string(run.steps.warmup), "weight_decay": .double(run.steps.weightDecay),
      "adam_betas": .string(run.steps.adamBetas), "adam_eps": .double(run.steps.adamEps),
      "max_grad_norm": run.steps.maxGradNorm.map { .double($0) } ?? .null,
      "base_dropout": run.baseDropout.map { .double($0) } ?? .null,
      "precision": .string(adapter.base.type.rawValue), "data": .string(train.fingerprint),
      "base": try adapter.base.folder.map { .string(try $0.fingerprint().description) } ?? .null,
      "adapter": .object(configuration),
      "trainable_parameters": .integer(adapter.parameterCount),
    ]
  }

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
}
