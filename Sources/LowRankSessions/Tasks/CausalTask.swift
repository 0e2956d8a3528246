import Foundation
import LowRank

/// Training to continue texts.
package struct CausalTask: RunTask {
  package private(set) var base: Model
  package let metric: Metric?
  package let maxLength: Int
  package let chatTemplate: String?
  package let addedTokens: AddedTokens?
  private let separator: String
  /// The most tokens of a row, if it is given.
  private let longest: Int?
  /// The folder of a new model, for as long as the run lasts.
  private let scratch: ScratchFolder?
  private let examples: ExampleSet
  private let valid: ExampleSet?

  init(_ settings: RunSettings) throws {
    (base, addedTokens, scratch) = try settings.openExtendedBase()
    metric = try settings.metric(for: .causal)
    let encoder = try settings.data.encoder(
      for: base, adapter: settings.initAdapter, beginsRun: true)
    separator = encoder.separator
    maxLength = encoder.maxLength
    let files = try LocatedData.files(
      settings.data.data, settings.splits, reading: [.train, .valid])
    let share = try settings.splits.share(of: files, seed: settings.model.seedBits)
    let start = settings.initAdapter
    let whole = try settings.data.examples(
      files.train, encoder, keptIn: settings.data.kept(beside: start))
    settings.data.noteTemplate(of: whole, keptBy: start)
    longest = settings.data.maxSequenceLength
    if let share {
      let parts = try whole.divided(by: share)
      (examples, valid) = (parts.train, settings.evaluated(parts.valid))
      share.announce(parts.train.count, parts.valid.count, of: whole.source)
    } else {
      examples = whole
      // Evaluation rows are read as training rows are.
      let columns = whole.columns.json
      valid = settings.evaluated(
        try files.valid.map { try settings.data.examples($0, encoder, keptIn: columns) })
    }
    chatTemplate = examples.holdsConversations ? encoder.chat?.renderer.source : nil
    if examples.holdsConversations, settings.subject == .adapter {
      try TemplateSettings.warnOfSplitMarks(encoder, isTrained: true)
    }
  }

  package mutating func releaseWeights() { base.store = ParameterStore() }

  package var train: any TrainingSet { examples }
  package var headModules: [String] { [] }
  package var facts: JSONObject? {
    var facts = examples.columns.json ?? [:]
    if !separator.isEmpty { facts["separator"] = .string(separator) }
    facts["max_seq_length"] = longest.map { .integer($0) }
    return facts.keys.isEmpty ? nil : facts
  }
  package var validation: (any TrainingSet)? { valid }

  package func evaluate(_ training: Training, until isInterrupted: () -> Bool) throws
    -> EvaluationResult?
  {
    guard let valid, let result = try Evaluation(training, on: valid, until: isInterrupted) else {
      return nil
    }
    return EvaluationResult(
      loss: result.loss, metrics: [:],
      sentence: String(
        format: "validation loss %.4f, perplexity %.3f", result.loss, result.perplexity))
  }
}
