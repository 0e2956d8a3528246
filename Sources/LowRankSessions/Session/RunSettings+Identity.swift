import LowRank

extension RunSettings {
  /// The key of the identity that says what the adapter was asked to be, before it is made on a model.
  static let flagsKey = "flags"
  /// The key of the identity that has the ranks that statistics of data gave to modules.
  static let ranksKey = "shared_ranks"
  /// The key of the identity that has the adapter that answers are measured against, with the hash of each file.
  static let referenceKey = "reference"
  /// The key of the identity that says how often the run evaluates, and with that which step it keeps.
  static let evaluationKey = "eval_every"
  /// The key under which a state and the run store keep all settings of a run, which are not compared.
  static let settingsKey = "settings"
  /// The key of the identity that says what is trained, where that is no adapter.
  static let subjectKey = "subject"

  /// What makes a run the run it is: a state is only continued under the same.
  func identity(
    of subject: any RunSubject, _ task: any RunTask, _ rows: any TrainingSet, steps: Int
  ) throws -> JSONObject {
    var identity = try plainIdentity()
    identity["valid_rows"] =
      share.flatMap { _ in task.validation.map { JSONValue.string($0.fingerprint) } } ?? .null
    identity["steps"] = .integer(steps)
    identity["precision"] = .string(task.base.type.rawValue)
    identity["added_tokens"] =
      task.addedTokens.map { added in
        .array(added.tokenizer.added.map { .string($0) })
      } ?? .null
    identity["max_seq_length"] = .integer(task.maxLength)
    identity["data"] = .string(rows.fingerprint)
    identity["base"] =
      try task.base.folder.map { .string(try $0.fingerprint().description) } ?? .null
    for (key, value) in try subject.identity(self).entries { identity[key] = value }
    identity["trainable_parameters"] = .integer(subject.parameterCount)
    // The hash of the rows covers the columns of texts.
    if let facts = task.facts, facts["task"] != nil { identity["task"] = .object(facts) }
    identity[Self.referenceKey] = try referenceFiles.map { .object($0) } ?? .null
    identity["metric"] = task.metric.map { .string($0.rawValue) } ?? .null
    return identity
  }

  /// The part that settings alone determine, so that it can be compared before model and data are read.
  func plainIdentity() throws -> JSONObject {
    var identity: JSONObject = [
      // It comes first: another share makes other rows and other steps.
      "valid_share": share.map { .double($0) } ?? .null,
      "batch_size": .integer(steps.batchSize),
      "grad_accumulation": .integer(steps.gradAccumulation),
      "seed": .integer(model.seed),
      "shuffle": .bool(!noShuffle),
      "learning_rate": .double(steps.learningRate),
      "lr_schedule": .string(steps.schedule),
      "warmup": .string(steps.warmup),
      "max_grad_norm": steps.maxGradNorm.map { .double($0) } ?? .null,
      "base_dropout": baseDropout.map { .double($0) } ?? .null,
      "packing": .bool(plan.packing),
    ]
    for (key, value) in try steps.optimizerSettings().entries { identity[key] = value }
    if steps.epochs == nil { identity["steps"] = .integer(steps.iters ?? 1000) }
    let types: [String: ElementType] = ["f32": .float32, "bf16": .bfloat16]
    if let type = types[model.precision] { identity["precision"] = .string(type.rawValue) }
    // Null where they were not given, so that states from before they existed go on.
    for (key, value) in try steps.settings.entries { identity[key] = value }
    // In earlier versions, a step continued into the next epoch.
    identity["last_accumulation"] = steps.gradAccumulation > 1 ? "short" : .null
    identity["label_smoothing"] = labelSmoothing > 0 ? .double(labelSmoothing) : .null
    // What PEFT's configuration says of the method stands there; where factors started, it does not.
    identity["init"] =
      adapter.initialization.flatMap {
        $0 == MethodRegistries.initializations.standard ? nil : .object($0.json)
      } ?? .null
    identity[Self.evaluationKey] = evalEvery.map { .integer($0) } ?? .null
    identity[RunKey.evalRows.rawValue] = evalRows.map { .integer($0) } ?? .null
    identity["ranks"] = try adapter.ranksIdentity()
    identity["patience"] = patience.map { .integer($0) } ?? .null
    for (key, value) in try objectiveIdentity.entries { identity[key] = value }
    switch subject {
    case .adapter: identity[Self.flagsKey] = .object(try adapter.settings)
    case .model: identity[Self.subjectKey] = .string(subject.rawValue)
    }
    identity[RowSettings.key] = .object(data.rowSettings)
    return identity
  }

  /// The share of the rows that is kept for evaluation; nil for none.
  private var share: Double? { splits.validShare.flatMap { $0 == 0 ? nil : $0 } }
}
