import Foundation
import LowRank

extension RunSettings {
  /// The adapter to train: a fresh one, or one to go on with.
  ///
  /// - Parameters:
  ///   - isResumed: whether a state restores its values, so that no start is worked out.
  ///   - change: what statistics of data make of the configuration.
  func makeAdapter(
    for task: any RunTask, isResumed: Bool,
    changing change: ((inout AdapterConfiguration) throws -> Void)? = nil
  ) throws -> Adapter {
    guard let start = initAdapter else {
      var configuration = try self.adapter.configuration(isResumed: isResumed)
      try change?(&configuration)
      configuration.trainedTokens = try self.adapter.trainedTokens(of: task.base)
      let asked = configuration.modulesToSave
      configuration.modulesToSave += task.headModules.filter { !asked.contains($0) }
      if !task.base.freshModules.isEmpty, change == nil {
        Remarks.say("new, with random weights: \(task.base.freshModules.joined(separator: ", "))")
      }
      guard let added = task.addedTokens else {
        return try AdapterError.asSettings(target: self.adapter.targetKey) {
          try Adapter(on: task.base, configuration: configuration, seed: model.seedBits)
        }
      }
      let ids = added.trainedIDs(beyond: try ownVocabularySize(of: task.base))
      configuration.trainedTokens = try TrainedTokens(
        adding: ids, beside: configuration.trainedTokens?.tokens ?? [], in: task.base.causal,
        savingWhole: configuration.modulesToSave)
      var adapter = try AdapterError.asSettings(target: self.adapter.targetKey) {
        try Adapter(on: task.base, configuration: configuration, seed: model.seedBits)
      }
      adapter.startRows(
        of: ids,
        atMeanOf: min(added.tokenizer.knownCount, try ownVocabularySize(of: task.base)))
      return adapter
    }
    let folder = try model.adapterFolder(start)
    // A LoRA that stands for another method may be trained further as what it is.
    let isPlain =
      folder.standsForAnotherMethod && adapter.given == [.method]
      && adapter.method?.name == MethodRegistries.architectures.standard.name
    let kept = adapter.given.first { $0 != .method || !folder.standsForAnotherMethod }
    if let key = kept ?? adapter.given.first, !isPlain {
      throw SettingsError("\(key) has no effect with \(.initAdapter), whose adapter keeps its own")
    }
    let head = try folder.head
    let fits =
      switch head {
      case nil, .some(.none): true
      case .causal: task.base.architecture is CausalModel
      case .classifier(let classes):
        try task.base.classifier != nil
          && classes?.isHead(of: Classification(task.base.config)) == true
      }
    guard fits else { return try makeAdapter(from: folder, head, keepingFactorsFor: task) }
    if task.base.classifier != nil {
      Remarks.note(
        "the head of \(folder.url.relativePath) is trained further, like its factors")
    }
    return try model.checks.load(folder.url, on: task.base, toContinue: !isPlain)
  }

  /// The rows that the base has in its own folder, before tokens were added.
  private func ownVocabularySize(of base: Model) throws -> Int {
    guard let folder = base.folder else { return base.architecture.vocabularySize }
    return try Architectures.described(by: folder.config).vocabularySize
  }

  /// The factors of an adapter that was trained for other classes, under a head of this task.
  private func makeAdapter(
    from folder: AdapterFolder, _ head: ModelHead?, keepingFactorsFor task: any RunTask
  ) throws -> Adapter {
    let old = try model.checks.load(
      folder.url, on: try model.loadModel(as: head), toContinue: true)
    let adapter = try Adapter(
      takingFactorsOf: old, on: task.base, savingWhole: task.headModules, seed: model.seedBits)
    Remarks.insist(
      """
      \(folder.url.relativePath) is for another task, or for other classes: its factors are used, \
      its head is not\(task.headModules.isEmpty ? "" : "; new: " + task.headModules.joined(separator: ", "))
      """, .warning)
    return adapter
  }

  /// Refuses a start that makes up for what a base lost where it lost nothing.
  func checkStart(of adapter: Adapter) throws {
    guard let choice = self.adapter.initialization,
      MethodRegistries.initializations.make(choice).changesModel
    else { return }
    let ups = adapter.updates.flatMap(\.pairs).map(\.up)
    guard ups.allSatisfy({ adapter.base.engine.sumOfSquares(adapter.values[$0]) == 0 }) else {
      return
    }
    throw SettingsError(
      "\(.initialization) \(choice.name) has no effect: the adapted weights of \(model.model ?? "the base") are the same in what it was given; choose another start, or a quantised base"
    )
  }

  /// What the run chose on the axes that have to go together.
  var combination: MethodCombination {
    get throws {
      MethodCombination(
        try adapter.methodChoice(), from: adapter.initialization, by: try steps.optimizerChoice())
    }
  }

  /// What batches are made of: the rows, or packs of them.
  func rows(of task: any RunTask) throws -> any TrainingSet {
    guard plan.packing else { return task.train }
    let packed = task.train.packed(capacity: task.maxLength, seed: model.seedBits)
    Remarks.say(
      "\(task.train.count) rows in \(packed.count) packs of at most \(task.maxLength) tokens")
    return packed
  }
}
