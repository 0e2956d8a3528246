import Foundation
import LowRank

extension Train {
  /// The adapter to train: a fresh one, or one to go on with.
  func adapter(for task: any TaskRun) throws -> Adapter {
    guard let start = runOptions.initAdapter else {
      var configuration = try adapterOptions.configuration()
      configuration.trainedTokens = try adapterOptions.trainedTokens(of: task.base)
      let asked = configuration.modulesToSave
      configuration.modulesToSave += task.headModules.filter { !asked.contains($0) }
      if !task.base.freshModules.isEmpty {
        Console.write("new, with random weights: \(task.base.freshModules.joined(separator: ", "))")
      }
      guard let added = task.addedTokens else {
        return try AdapterError.asUsage(target: adapterOptions.targetFlag) {
          try Adapter(on: task.base, configuration: configuration, seed: options.seedBits)
        }
      }
      let ids = added.trainedIDs(beyond: try ownVocabularySize(of: task.base))
      configuration.trainedTokens = try TrainedTokens(
        adding: ids, beside: configuration.trainedTokens?.tokens ?? [], in: task.base.causal,
        savingWhole: configuration.modulesToSave)
      var adapter = try AdapterError.asUsage(target: adapterOptions.targetFlag) {
        try Adapter(on: task.base, configuration: configuration, seed: options.seedBits)
      }
      adapter.startRows(
        of: ids,
        atMeanOf: min(added.tokenizer.knownCount, try ownVocabularySize(of: task.base)))
      return adapter
    }
    if let flag = adapterOptions.given.first {
      throw UsageError("\(flag) has no effect with --init-adapter, whose adapter keeps its own")
    }
    let folder = try options.adapterFolder(start)
    let head = try folder.head
    let fits =
      switch head {
      case nil, .some(.none): true
      case .causal: task.base.architecture is CausalModel
      case .classifier(let classes):
        try task.base.classifier != nil
          && classes?.isHead(of: Classification(task.base.config)) == true
      }
    guard fits else { return try adapter(from: folder, head, keepingFactorsFor: task) }
    if task.base.classifier != nil {
      Console.write(
        "note: the head of \(folder.url.relativePath) is trained further, like its factors")
    }
    return try options.checks.load(folder.url, on: task.base)
  }

  /// The rows that the base has in its own folder, before tokens were added.
  private func ownVocabularySize(of base: Model) throws -> Int {
    guard let folder = base.folder else { return base.architecture.vocabularySize }
    return try Architectures.described(by: folder.config).vocabularySize
  }

  /// The factors of an adapter that was trained for other classes, under a head of this task.
  private func adapter(
    from folder: AdapterFolder, _ head: ModelHead?, keepingFactorsFor task: any TaskRun
  ) throws -> Adapter {
    let old = try options.checks.load(folder.url, on: try options.loadModel(as: head))
    let adapter = try Adapter(
      takingFactorsOf: old, on: task.base, savingWhole: task.headModules, seed: options.seedBits)
    Console.insist(
      """
      warning: \(folder.url.relativePath) is for another task, or for other classes: its factors are used, \
      its head is not\(task.headModules.isEmpty ? "" : "; new: " + task.headModules.joined(separator: ", "))
      """)
    return adapter
  }

  /// Refuses wishes that need rows to evaluate on where there are none.
  func checkEvaluation(of task: any TaskRun) throws {
    guard task.validation == nil else { return }
    if let metric = runOptions.metric, metric != "last" {
      throw UsageError("--metric \(metric) has no effect: there are no rows to evaluate on")
    }
    if let patience = runOptions.patience {
      throw UsageError("--patience \(patience) has no effect: there are no rows to evaluate on")
    }
    if runOptions.evalEvery != nil { Console.write("note: there are no rows to evaluate on") }
  }

  /// What batches are made of: the rows, or packs of them.
  func rows(of task: any TaskRun) throws -> any LearningSet {
    guard planOptions.packing else { return task.train }
    let packed = task.train.packed(capacity: task.maxLength, seed: options.seedBits)
    Console.write(
      "\(task.train.count) rows in \(packed.count) packs of at most \(task.maxLength) tokens")
    return packed
  }

  /// What makes a run the run it is: a state is only continued under the same.
  func settings(
    _ adapter: Adapter, _ task: any TaskRun, _ rows: any LearningSet, steps: Int
  ) throws -> JSONObject {
    let run = runOptions
    var configuration = adapter.peftConfiguration
    // The fingerprint says which base it is, wherever it lies.
    configuration["base_model_name_or_path"] = nil
    configuration["revision"] = JSONValue.null
    let share = splitOptions.validShare.flatMap { $0 == 0 ? nil : $0 }
    var settings: JSONObject = [
      // They come first: another share makes other rows and other steps.
      "valid_share": share.map { .double($0) } ?? .null,
      "valid_rows": share.flatMap { _ in
        task.validation.map { JSONValue.string($0.fingerprint) }
      } ?? .null,
      "steps": .integer(steps), "batch_size": .integer(run.steps.batchSize),
      "grad_accumulation": .integer(run.steps.gradAccumulation),
      "seed": .integer(options.seed),
      "shuffle": .bool(!run.noShuffle),
      "learning_rate": .double(run.steps.learningRate),
      "lr_schedule": .string(run.steps.lrSchedule),
      "warmup": .string(run.steps.warmup), "weight_decay": .double(run.steps.weightDecay),
      "adam_betas": .string(run.steps.adamBetas), "adam_eps": .double(run.steps.adamEps),
      "max_grad_norm": run.steps.maxGradNorm.map { .double($0) } ?? .null,
      "base_dropout": run.baseDropout.map { .double($0) } ?? .null,
      "precision": .string(adapter.base.type.rawValue),
      "added_tokens": task.addedTokens.map { added in
        .array(added.tokenizer.added.map { .string($0) })
      } ?? .null,
      "max_seq_length": .integer(task.maxLength), "packing": .bool(planOptions.packing),
      "data": .string(rows.fingerprint),
      "base": try adapter.base.folder.map { .string(try $0.fingerprint().description) } ?? .null,
      "adapter": .object(configuration),
      "trainable_parameters": .integer(adapter.parameterCount),
    ]
    // Null where they were not given, so that states from before they existed go on.
    for (key, value) in try run.steps.settings.entries { settings[key] = value }
    // In earlier versions, a step continued into the next epoch.
    settings["last_accumulation"] = run.steps.gradAccumulation > 1 ? "short" : .null
    settings["label_smoothing"] = run.labelSmoothing > 0 ? .double(run.labelSmoothing) : .null
    settings["patience"] = run.patience.map { .integer($0) } ?? .null
    // The hash of the rows covers the columns of texts.
    if let facts = task.facts, facts["task"] != nil {
      settings["task"] = .object(facts)
      settings["metric"] = task.metric.map { .string($0.rawValue) } ?? .null
    }
    return settings
  }
}
