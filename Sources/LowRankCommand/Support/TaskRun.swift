import Foundation
import LowRank

/// What `train` knows of its task: the model with its head, the rows, and how they are judged.
protocol TaskRun {
  /// The model with the head of the task.
  var base: Model { get }
  /// The rows to train on.
  var train: any TrainingSet { get }
  /// Modules of the head that are trained and saved whole without being asked for.
  var headModules: [String] { get }
  /// What is kept beside the adapter, for everything that uses it.
  var facts: JSONObject? { get }
  /// The chat template that wrote the rows; nil where none did.
  var chatTemplate: String? { get }
  /// The tokens that were added to the tokenizer; nil if there are none.
  var addedTokens: AddedTokens? { get }
  /// What is judged by where the best of several evaluations is kept; nil where the last one is.
  var metric: Metric? { get }
  /// The most tokens of a row.
  var maxLength: Int { get }
  /// The rows to evaluate on; nil where there are none.
  var validation: (any TrainingSet)? { get }
  /// Judges what a run has reached; nil where there is nothing to judge on, or it was interrupted.
  ///
  /// - Throws: what the run's reducer throws.
  func evaluate(_ training: Training, until isInterrupted: () -> Bool) throws -> TaskResult?
}

/// What an evaluation found.
struct TaskResult {
  /// The mean loss.
  let loss: Double
  /// Metrics beside the loss, by name.
  let metrics: JSONObject
  /// The same for people.
  let sentence: String

  /// The value of a metric; not a number where it is not defined.
  func value(_ metric: Metric) -> Double {
    metric == .loss ? loss : metrics[metric.rawValue]?.double ?? .nan
  }
}

/// Training to continue texts.
struct CausalRun: TaskRun {
  let base: Model
  let metric: Metric?
  let maxLength: Int
  let chatTemplate: String?
  let addedTokens: AddedTokens?
  private let separator: String
  private let examples: ExampleSet
  private let valid: ExampleSet?

  init(_ flags: Train) throws {
    var base = try flags.loadBase(as: .causal)
    let tokens = flags.adapterOptions.tokens
    if let start = flags.runOptions.initAdapter {
      guard tokens.addTokens == nil else {
        throw UsageError(
          "--add-tokens has no effect with --init-adapter, whose adapter keeps its own tokens")
      }
      base = try AdapterFolder(at: Located.adapter(start)).fitting(base)
    }
    addedTokens = try base.folder.flatMap {
      try tokens.extending($0.url, flags.dataOptions.template)
    }
    self.base = addedTokens?.fitting(base) ?? base
    metric = try flags.runOptions.metric(for: .causal)
    let encoder = try flags.dataOptions.encoder(
      for: self.base, adapter: flags.runOptions.initAdapter, beginsRun: true)
    separator = encoder.separator
    maxLength = encoder.maxLength
    let files = try LocatedData.files(
      flags.dataOptions.data, flags.splitOptions, reading: [.train, .valid])
    let share = try flags.splitOptions.share(of: files, seed: flags.options.seedBits)
    let whole = try flags.dataOptions.examples(files.train, encoder)
    if let share {
      let parts = try whole.divided(by: share)
      (examples, valid) = (parts.train, parts.valid)
      share.announce(parts.train.count, parts.valid.count, of: whole.source)
    } else {
      examples = whole
      // Evaluation rows are read as training rows are.
      let columns = whole.columns.json
      valid = try files.valid.map { try flags.dataOptions.examples($0, encoder, keptIn: columns) }
    }
    chatTemplate = examples.holdsConversations ? encoder.chat?.renderer.source : nil
    if examples.holdsConversations {
      try TemplateOptions.warnOfSplitMarks(encoder, isTrained: true)
    }
  }

  var train: any TrainingSet { examples }
  var headModules: [String] { [] }
  var facts: JSONObject? {
    var facts = examples.columns.json ?? [:]
    if !separator.isEmpty { facts["separator"] = .string(separator) }
    return facts.keys.isEmpty ? nil : facts
  }
  var validation: (any TrainingSet)? { valid }

  func evaluate(_ training: Training, until isInterrupted: () -> Bool) throws -> TaskResult? {
    guard let valid, let result = try Evaluation(training, on: valid, until: isInterrupted) else {
      return nil
    }
    return TaskResult(
      loss: result.loss, metrics: [:],
      sentence: String(
        format: "validation loss %.4f, perplexity %.3f", result.loss, result.perplexity))
  }
}

/// Training to say of texts, or of pairs of texts, what they are.
struct LabelledRun: TaskRun {
  let base: Model
  let metric: Metric?
  private let task: LabelledTask
  private let examples: LabelledSet
  private let valid: LabelledSet?

  init(_ flags: Train, _ kind: TrainingTask) throws {
    let run = flags.runOptions
    guard flags.adapterOptions.tokens.addTokens == nil else {
      throw UsageError("--add-tokens has no effect with --task \(kind.rawValue)")
    }
    metric = try run.metric(for: kind)
    let files = try LocatedData.files(
      flags.dataOptions.data, flags.splitOptions, reading: SplitRole.allCases)
    let share = try flags.splitOptions.share(of: files, seed: flags.options.seedBits)
    // The classes, which the head is made for, are known from the rows alone.
    let source = try LabelledFiles(
      files, columns: flags.dataOptions.columns, task: kind,
      counts: KnownHeads.counts(model: flags.options.model, adapter: run.initAdapter))
    let rows = source.train
    let match = try flags.headMatch(rows, source.labels)
    if let note = match.note { Console.write("\(match.keepsHead ? "note" : "warning"): \(note)") }
    let labels = match.labels
    var task = LabelledTask(kind, columns: rows.columns, labels: labels)
    base = try flags.loadBase(
      as: .classifier(task.classification), renewingHead: !match.keepsHead)
    let encoder = try flags.dataOptions.labelledEncoder(for: base)
    task.maxLength = encoder.maxLength
    self.task = task
    func announced(_ set: LabelledSet) -> LabelledSet {
      Console.write("\(set.source): \(set.counts)")
      LostText.warn(set.counts.lost, in: set.source)
      return set
    }
    let whole = announced(try LabelledSet(rows, labels: labels, encoder: encoder))
    if let share {
      let parts = try whole.divided(by: share)
      (examples, valid) = (parts.train, parts.valid)
      share.announce(parts.train.count, parts.valid.count, of: whole.source)
    } else {
      examples = whole
      valid = try source.valid.map {
        announced(try LabelledSet($0, labels: labels, encoder: encoder))
      }
    }
    for rows in [source.train, source.valid].compactMap({ $0 }) {
      for remark in rows.remarks { Console.write("note: \(rows.source): \(remark)") }
    }
    for remark in source.remarks { Console.write("note: \(remark)") }
    Console.write(
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
    Console.write(
      "note: no row has the class\(unused.count == 1 ? "" : "es") "
        + unused.prefix(10).map { labels[$0] }.joined(separator: ", ")
        + (unused.count > 10 ? ", …" : ""))
  }

  var train: any TrainingSet { examples }
  var headModules: [String] {
    let named = base.classifier?.head.savedModules ?? []
    return named + base.freshModules.filter { !named.contains($0) }
  }
  var facts: JSONObject? { task.json }
  var maxLength: Int { task.maxLength ?? base.architecture.positions }
  var chatTemplate: String? { nil }
  var addedTokens: AddedTokens? { nil }
  var validation: (any TrainingSet)? { valid }

  func evaluate(_ training: Training, until isInterrupted: () -> Bool) throws -> TaskResult? {
    guard let valid,
      let result = try LabelledEvaluation(training, on: valid, until: isInterrupted)
    else { return nil }
    let values = result.metrics.values.map {
      "\($0.metric.rawValue.replacing("_", with: " ")) " + String(format: "%.4f", $0.value)
    }
    return TaskResult(
      loss: result.loss, metrics: result.metrics.json,
      sentence: "validation " + values.joined(separator: ", ")
        + String(format: ", loss %.4f", result.loss))
  }
}

extension Train {
  /// The model with the head of the task, its dropout as asked for.
  func loadBase(as head: ModelHead, renewingHead renewsHead: Bool = false) throws -> Model {
    var base = try options.loadModel(as: head, renewingHead: renewsHead)
    if let dropout = runOptions.baseDropout { base.architecture.setDropout(Float(dropout)) }
    return base
  }

  /// The run of the task that is asked for.
  func taskRun() throws -> any TaskRun {
    let task = try runOptions.parsedTask
    return task == .causal ? try CausalRun(self) : try LabelledRun(self, task)
  }
}

extension ValidShare {
  /// Reports how rows are divided.
  func announce(_ trained: Int, _ evaluated: Int, of source: String) {
    Console.write(
      "\(source): \(trained) row\(trained == 1 ? "" : "s") to train on, \(evaluated) to evaluate on (--valid-share \(share))"
    )
  }
}
