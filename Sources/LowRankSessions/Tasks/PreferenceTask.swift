import Foundation
import LowRank

/// Training to prefer some answers to others.
package struct PreferenceTask: RunTask {
  /// The key under which the adapter's folder names the adapter that rewards were measured against.
  package static let referenceKey = "reference_adapter"

  package private(set) var base: Model
  package let metric: Metric?
  package let maxLength: Int
  package let chatTemplate: String?
  package let addedTokens: AddedTokens?
  private let objective: PreferenceObjective
  private let precomputesReference: Bool
  /// The adapter that answers are measured against, as it was given; nil for the base alone.
  private let referenceAdapter: String?
  private let separator: String
  private let columns: JSONObject?
  /// The most tokens of a row, if it is given.
  private let longest: Int?
  private var examples: PreferenceSet
  private var valid: PreferenceSet?

  init(_ settings: RunSettings, _ objective: PreferenceObjective) throws {
    let opened = try settings.openExtendedBase()
    (base, addedTokens) = (opened.model, opened.addedTokens)
    self.objective = objective
    precomputesReference = settings.objective.precomputeReference
    referenceAdapter = objective.needsReference ? settings.initAdapter : nil
    metric = try settings.metric(for: .causal)
    let encoder = try settings.data.encoder(
      for: base, adapter: settings.initAdapter, beginsRun: true)
    separator = encoder.separator
    maxLength = encoder.maxLength
    longest = settings.data.maxSequenceLength
    let files = try LocatedData.files(
      settings.data.data, settings.splits, reading: [.train, .valid])
    let share = try settings.splits.share(of: files, seed: settings.model.seedBits)
    let kept = try settings.data.kept(beside: settings.initAdapter)
    let whole = try settings.data.preferences(files.train, encoder, objective, keptIn: kept)
    if let share {
      let parts = try whole.set.divided(by: share)
      (examples, valid) = (parts.train, settings.evaluated(parts.valid))
      share.announce(parts.train.count, parts.valid.count, of: whole.set.source)
    } else {
      examples = whole.set
      valid = settings.evaluated(
        try files.valid.map {
          try settings.data.preferences($0, encoder, objective, keptIn: kept).set
        })
    }
    try DataSettings.requirePartners(in: examples, isTrained: true)
    if let valid { try DataSettings.requirePartners(in: valid, isTrained: false) }
    columns = settings.data.preferenceColumns().json
    chatTemplate = whole.holdsConversations ? encoder.chat?.renderer.source : nil
    if whole.holdsConversations { try TemplateSettings.warnOfSplitMarks(encoder, isTrained: true) }
    guard objective.needsReference else { return }
    let reference = try reference(settings)
    examples.reference = reference
    valid?.reference = reference
  }

  /// The base without an adapter, or with a frozen copy of the one that the run begins from.
  private func reference(_ settings: RunSettings) throws -> ReferencePolicy {
    guard settings.initAdapter != nil else { return ReferencePolicy(base) }
    let start = try settings.makeAdapter(for: self, isResumed: true)
    return ReferencePolicy(start.model, adapters: start.selection)
  }

  package mutating func releaseWeights() { base.store = ParameterStore() }

  package var train: any TrainingSet { examples }
  package var headModules: [String] { [] }
  package var facts: JSONObject? {
    var facts = objective.json
    for (key, value) in columns?.entries ?? [] { facts[key] = value }
    if !separator.isEmpty { facts["separator"] = .string(separator) }
    facts["max_seq_length"] = longest.map { .integer($0) }
    facts[Self.referenceKey] = referenceAdapter.map { .string($0) }
    return facts
  }
  package var validation: (any TrainingSet)? { valid }

  package func prepare(_ training: Training, until isInterrupted: () -> Bool) throws {
    guard precomputesReference else { return }
    for set in [examples, valid].compactMap({ $0 }) {
      guard
        try set.scoreReference(
          batchSize: PreferenceEvaluation.batchSize, atOnce: training.evaluatedAtOnce,
          reducer: training.reducer, until: isInterrupted)
      else { return }
    }
  }

  package func evaluate(_ training: Training, until isInterrupted: () -> Bool) throws
    -> EvaluationResult?
  {
    guard let valid,
      let result = try PreferenceEvaluation(training, on: valid, until: isInterrupted)
    else { return nil }
    let measures = result.measures
    let margin = measures.margin.map { String(format: ", margin %.4f", $0) } ?? ""
    return EvaluationResult(
      loss: result.loss, metrics: measures.json,
      sentence: String(
        format: "validation accuracy %.4f%@, loss %.4f", measures.accuracy, margin, result.loss))
  }
}
