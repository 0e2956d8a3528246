import Foundation
import LowRank

/// Training to say of texts, of pairs of texts, or of images, what they are.
package struct ClassifierTask: RunTask {
  package private(set) var base: Model
  package let metric: Metric?
  private let task: LabelledTask
  private let examples: LabelledSet
  private let valid: LabelledSet?
  /// The folder of a new model, for as long as the run lasts.
  private let scratch: ScratchFolder?

  init(_ settings: RunSettings, _ kind: TrainingTask) throws {
    guard settings.adapter.addedTokens.tokens == nil else {
      throw SettingsError("\(.addTokens) has no effect with \(.task) \(kind.rawValue)")
    }
    metric = try settings.metric(for: kind)
    try settings.checkModality(kind)
    let files = try LocatedData.files(
      settings.data.data, settings.splits, reading: SplitRole.allCases,
      ofImages: kind == .imageClassification)
    let share = try settings.splits.share(of: files, seed: settings.model.seedBits)
    // The classes, which the head is made for, are known from the rows alone.
    let source = try LabelledFiles(
      files, columns: settings.data.columns, task: kind,
      counts: KnownHeads.counts(model: settings.model.model, adapter: settings.initAdapter))
    let rows = source.train
    let match = try settings.headMatch(rows, source.labels)
    if let note = match.note {
      if match.keepsHead { Remarks.note("\(note)") } else { Remarks.warn("\(note)") }
    }
    let labels = match.labels
    var task = LabelledTask(kind, columns: rows.columns, labels: labels)
    (base, scratch) = try settings.openClassifierBase(
      task.classification, renewingHead: !match.keepsHead)
    let encoder = try settings.data.labelledEncoder(for: base)
    task.maxLength = encoder.maxLength
    self.task = task
    func announced(_ set: LabelledSet) -> LabelledSet {
      set.announce(at: encoder.maxLength)
      return set
    }
    let whole = announced(try LabelledSet(rows, labels: labels, encoder: encoder))
    if let share {
      let parts = try whole.divided(by: share)
      (examples, valid) = (parts.train, settings.evaluated(parts.valid))
      share.announce(parts.train.count, parts.valid.count, of: whole.source)
    } else {
      examples = whole
      valid = settings.evaluated(
        try source.valid.map {
          announced(try LabelledSet($0, labels: labels, encoder: encoder))
        })
    }
    for rows in [source.train, source.valid].compactMap({ $0 }) {
      for remark in rows.remarks { Remarks.note("\(rows.source): \(remark)") }
    }
    for remark in source.remarks { Remarks.note("\(remark)") }
    Remarks.say(
      "columns: \(rows.columns.texts.joined(separator: ", ")) → \(rows.columns.label ?? "")"
        + (labels.map { "; \($0.count) classes" } ?? ""))
    sayUnused()
  }

  /// Reports the classes that no row has: those of other files, or of a known head.
  private func sayUnused() {
    guard let labels = task.labels else { return }
    var used: Set<Int> = []
    for example in examples.examples {
      switch example.target {
      case .classIndex(let index)?: used.insert(index)
      case .classes(let indices)?: used.formUnion(indices)
      case .number?, nil: break
      }
    }
    let unused = (0..<labels.count).filter { !used.contains($0) }
    guard !unused.isEmpty else { return }
    Remarks.note(
      "no row has the class\(unused.count == 1 ? "" : "es") "
        + unused.prefix(10).map { labels[$0] }.joined(separator: ", ")
        + (unused.count > 10 ? ", …" : ""))
  }

  package mutating func releaseWeights() { base.store = ParameterStore() }

  package var train: any TrainingSet { examples }
  package var headModules: [String] {
    let named = base.classifier?.head.savedModules ?? []
    return named + base.freshModules.filter { !named.contains($0) }
  }
  package var facts: JSONObject? { task.json }
  package var maxLength: Int { task.maxLength ?? base.architecture.positions }
  package var chatTemplate: String? { nil }
  package var addedTokens: AddedTokens? { nil }
  package var validation: (any TrainingSet)? { valid }

  package func evaluate(_ training: Training, until isInterrupted: () -> Bool) throws
    -> EvaluationResult?
  {
    guard let valid,
      let result = try LabelledEvaluation(training, on: valid, until: isInterrupted)
    else { return nil }
    let values = result.metrics.values.map {
      "\($0.metric.words(task.labels)) " + String(format: "%.4f", $0.value)
    }
    return EvaluationResult(
      loss: result.loss, metrics: result.metrics.json,
      sentence: "validation " + values.joined(separator: ", ")
        + String(format: ", loss %.4f", result.loss))
  }
}
