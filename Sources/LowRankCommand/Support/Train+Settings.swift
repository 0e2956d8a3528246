import Foundation
import LowRank

extension Train {
  /// The key of the settings that flags of the adapter say, before it is made on a model.
  static let flagsKey = "flags"

  /// What makes a run the run it is: a state is only continued under the same.
  func settings(
    _ adapter: Adapter, _ task: any TaskRun, _ rows: any TrainingSet, steps: Int
  ) throws -> JSONObject {
    var configuration = adapter.peftConfiguration
    // The fingerprint says which base it is, wherever it lies.
    configuration["base_model_name_or_path"] = nil
    configuration["revision"] = JSONValue.null
    // As asked for, not as stored, where an offset doubles them.
    if adapter.updates.contains(where: { !$0.frozen.isEmpty }) {
      for (key, value) in adapter.configuration.ranks.json.entries { configuration[key] = value }
    }
    var settings = try plainSettings()
    settings["valid_rows"] =
      share.flatMap { _ in task.validation.map { JSONValue.string($0.fingerprint) } } ?? .null
    settings["steps"] = .integer(steps)
    settings["precision"] = .string(adapter.base.type.rawValue)
    settings["added_tokens"] =
      task.addedTokens.map { added in
        .array(added.tokenizer.added.map { .string($0) })
      } ?? .null
    settings["max_seq_length"] = .integer(task.maxLength)
    settings["data"] = .string(rows.fingerprint)
    settings["base"] =
      try adapter.base.folder.map { .string(try $0.fingerprint().description) } ?? .null
    settings["adapter"] = .object(configuration)
    settings[Self.ranksKey] = try sharedRanks(of: adapter)
    settings["trainable_parameters"] = .integer(adapter.parameterCount)
    // The hash of the rows covers the columns of texts.
    if let facts = task.facts, facts["task"] != nil {
      settings["task"] = .object(facts)
      settings["metric"] = task.metric.map { .string($0.rawValue) } ?? .null
    }
    return settings
  }

  /// The settings that flags alone determine, so that they can be compared before model and data are read.
  func plainSettings() throws -> JSONObject {
    let run = runOptions
    var settings: JSONObject = [
      // It comes first: another share makes other rows and other steps.
      "valid_share": share.map { .double($0) } ?? .null,
      "batch_size": .integer(run.steps.batchSize),
      "grad_accumulation": .integer(run.steps.gradAccumulation),
      "seed": .integer(options.seed),
      "shuffle": .bool(!run.noShuffle),
      "learning_rate": .double(run.steps.learningRate),
      "lr_schedule": .string(run.steps.lrSchedule),
      "warmup": .string(run.steps.warmup),
      "max_grad_norm": run.steps.maxGradNorm.map { .double($0) } ?? .null,
      "base_dropout": run.baseDropout.map { .double($0) } ?? .null,
      "packing": .bool(planOptions.packing),
    ]
    for (key, value) in try run.steps.optimizerSettings().entries { settings[key] = value }
    if run.steps.epochs == nil { settings["steps"] = .integer(run.steps.iters ?? 1000) }
    let types: [String: ElementType] = ["f32": .float32, "bf16": .bfloat16]
    if let type = types[options.precision] { settings["precision"] = .string(type.rawValue) }
    // Null where they were not given, so that states from before they existed go on.
    for (key, value) in try run.steps.settings.entries { settings[key] = value }
    // In earlier versions, a step continued into the next epoch.
    settings["last_accumulation"] = run.steps.gradAccumulation > 1 ? "short" : .null
    settings["label_smoothing"] = run.labelSmoothing > 0 ? .double(run.labelSmoothing) : .null
    // What PEFT's configuration says of the method stands there; where factors started, it does not.
    let start = try adapterOptions.initChoice()
    settings["init"] =
      start.flatMap {
        $0 == MethodRegistries.initializations.standard ? nil : .object($0.json)
      } ?? .null
    settings["patience"] = run.patience.map { .integer($0) } ?? .null
    settings[Self.flagsKey] = .object(try adapterOptions.settings)
    return settings
  }

  /// The share of the rows that is kept for evaluation; nil for none.
  private var share: Double? { splitOptions.validShare.flatMap { $0 == 0 ? nil : $0 } }
}
