import Foundation
import LowRank

extension Train {
  /// The adapter to train: a fresh one, or one to go on with.
  ///
  /// - Parameters:
  ///   - isResumed: whether a state restores its values, so that no start is worked out.
  ///   - change: what statistics of data make of the configuration.
  func adapter(
    for task: any TaskRun, isResumed: Bool,
    changing change: ((inout AdapterConfiguration) throws -> Void)? = nil
  ) throws -> Adapter {
    guard let start = runOptions.initAdapter else {
      var configuration = try adapterOptions.configuration(isResumed: isResumed)
      try change?(&configuration)
      configuration.trainedTokens = try adapterOptions.trainedTokens(of: task.base)
      let asked = configuration.modulesToSave
      configuration.modulesToSave += task.headModules.filter { !asked.contains($0) }
      if !task.base.freshModules.isEmpty, change == nil {
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
    if runOptions.steps.learningRate == 0 {
      Console.insist("warning: --learning-rate is 0, so nothing is trained")
    }
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
  func rows(of task: any TaskRun) throws -> any TrainingSet {
    guard planOptions.packing else { return task.train }
    let packed = task.train.packed(capacity: task.maxLength, seed: options.seedBits)
    Console.write(
      "\(task.train.count) rows in \(packed.count) packs of at most \(task.maxLength) tokens")
    return packed
  }
}
