import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank evaluate`: loss and perplexity on a file, the metrics of a classifier, or rewards of preferences.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure loss and metrics on a file, with or without an adapter.",
    discussion: """
      Prints loss and perplexity of a language model; of a classifier, the metrics of its task and of each class. Task, \
      columns and classes are read from the adapter's folder; flags that name columns have precedence. With --objective, prints \
      the loss, and how well preferred answers are told from others.

      EXAMPLES:
        lowrank evaluate --model models/smollm --data data/e2e/test.jsonl
        lowrank evaluate --model models/minilm --adapter adapters/sst2 --data data/sst2/dev.tsv
        lowrank evaluate --model models/smollm --adapter adapters/gsm8k --data openai/gsm8k:main --valid-share 0.05
        lowrank evaluate --model models/vit --adapter adapters/pets --data data/pets/test
        lowrank evaluate --model models/smollm --adapter adapters/dpo --data data/pairs.jsonl --objective dpo
      """)

  @OptionGroup var options: ModelOptions<AdapterIfGiven>
  @OptionGroup var dataOptions: DataOptions<DataRequired>
  @OptionGroup var splitOption: SplitOption
  @OptionGroup(title: "Preferences") var objectiveOptions: ObjectiveOptions

  @Option(
    help: ArgumentHelp(
      "The adapter that rewards are measured against, where training began from one. (default: the model without an adapter)",
      valueName: "adapter"), completion: .adapter)
  var referenceAdapter: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Evaluate on the rows that training with this --valid-share, the same --data and the same --seed kept for it.",
      valueName: "x"))
  var validShare: Double?

  @Option(parsing: .unconditional, help: ArgumentHelp("Rows at a time.", valueName: "n"))
  var batchSize: Int = 8

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Use the first k directions of every module alone, of an adapter that was trained for it (--ranks dylora).",
      valueName: "k"))
  var atRank: Int?

  func run() throws {
    guard let data = dataOptions.data else { throw UsageError("--data FILE is missing") }
    try Bounds.check(batchSize, "--batch-size")
    let share = try share
    guard atRank == nil || options.adapter != nil else {
      throw UsageError("--at-rank has no effect without --adapter")
    }
    // Refuses what makes no sense before the model is read.
    let objective = try objectiveOptions.settings.parsed()
    if let objective { try dataOptions.settings.requirePreferences(objective) }
    guard referenceAdapter == nil || objective?.needsReference == true else {
      throw UsageError("--reference-adapter has no effect without --objective dpo or kto")
    }
    var adapted = try options.loadAdapted()
    if let atRank, let adapter = adapted.adapter {
      adapted = try RankError.asUsage(of: "--at-rank") { AdaptedModel(try adapter.atRank(atRank)) }
    }
    let rows =
      try share == nil
      ? LocatedData.rows(
        data, split: splitOption.split, orShare: true, ofImages: adapted.readsImages)
      : LocatedData.trainingRows(data, split: splitOption.split, ofImages: adapted.readsImages)
    switch adapted.model.architecture {
    case is CausalModel where objective != nil: try evaluatePreferences(adapted, on: rows, share)
    case _ where objective != nil:
      throw UsageError("--objective is for models that continue texts")
    case is CausalModel: try evaluateCausal(adapted, on: rows, share)
    default: try evaluateClassifier(adapted, on: rows, share)
    }
  }

  /// The share of the training rows that training kept to evaluate on; nil if it is not asked for.
  private var share: ValidShare? {
    get throws {
      try validShare.map { try SplitSettings.share($0, seed: options.settings.seedBits) }
    }
  }

  private func evaluateCausal(
    _ adapted: AdaptedModel, on rows: DataSplit, _ share: ValidShare?
  ) throws {
    let whole = try dataOptions.settings.examples(
      rows, dataOptions.settings.encoder(for: adapted.model, adapter: options.adapter),
      keptIn: adapted.adapter?.task)
    let set = try share.map { try whole.divided(by: $0).valid } ?? whole
    share?.announceEvaluation(set.count, of: whole.count)
    let result = Evaluation(
      adapted.model, adapters: adapted.selection, on: set, batchSize: batchSize)
    try check(result.loss, adapted)
    guard options.results.json else {
      return try Console.result(
        String(
          format: "loss %.4f, perplexity %.3f over %d tokens", result.loss, result.perplexity,
          result.tokens))
    }
    try Console.result([
      "loss": .double(result.loss), "perplexity": .double(result.perplexity),
      "tokens": .integer(result.tokens),
    ])
  }

  private func evaluatePreferences(
    _ adapted: AdaptedModel, on rows: DataSplit, _ share: ValidShare?
  ) throws {
    let task = adapted.adapter?.task
    guard let objective = try objectiveOptions.settings.parsed(keptIn: task) else { return }
    let data = dataOptions.settings
    let encoder = try data.encoder(for: adapted.model, adapter: options.adapter)
    let whole = try data.preferences(rows, encoder, objective, keptIn: task).set
    var set = try share.map { try whole.divided(by: $0).valid } ?? whole
    share?.announceEvaluation(set.count, of: whole.count)
    try DataSettings.requirePartners(in: set, isTrained: false)
    if objective.needsReference {
      warnOfOtherReference(than: task)
      if adapted.adapter == nil, referenceAdapter == nil {
        Console.write(
          "warning: without --adapter the model is its own reference, so that every reward is 0")
      }
    }
    set.reference = try reference(of: adapted)
    let result = PreferenceEvaluation(
      adapted.model, adapters: adapted.selection, on: set, batchSize: batchSize)
    try check(result.loss, adapted)
    guard !options.results.json else { return try Console.result(result.json) }
    let measures = result.measures
    let values = [
      ("loss", result.loss), ("accuracy", measures.accuracy), ("margin", measures.margin),
      ("chosen reward", measures.chosenReward), ("rejected reward", measures.rejectedReward),
      ("divergence", measures.meanDivergence),
    ].compactMap { name, value in value.map { "\(name) " + String(format: "%.4f", $0) } }
    try Console.result(
      values.joined(separator: ", ") + " over \(counted(measures.rows, "row"))")
  }

  /// Warns where training measured rewards against an adapter, and the model without one stands for it here.
  private func warnOfOtherReference(than task: JSONObject?) {
    guard referenceAdapter == nil,
      let trained = task?[PreferenceTask.referenceKey]?.string
    else { return }
    Console.write(
      "warning: rewards are measured against the model without an adapter, and training measured them against \(trained); give --reference-adapter \(trained)"
        .printable)
  }

  /// What rewards are measured against: the base, with the reference's adapter if one is given.
  private func reference(of adapted: AdaptedModel) throws -> ReferencePolicy {
    let base = adapted.adapter?.base ?? adapted.model
    guard let referenceAdapter else { return ReferencePolicy(base) }
    let folder = try options.settings.adapterFolder(referenceAdapter)
    let loaded = try options.checks.settings.load(folder.url, on: base)
    return ReferencePolicy(loaded.model, adapters: loaded.selection)
  }

  private func evaluateClassifier(
    _ adapted: AdaptedModel, on rows: DataSplit, _ share: ValidShare?
  ) throws {
    let task = try adapted.labelledTask
    let encoder = try dataOptions.settings.labelledEncoder(
      for: adapted.model, trained: task.maxLength)
    let whole = try LabelledSet(
      of: rows, columns: dataOptions.settings.columns.filled(from: task.columns), task: task.task,
      labels: task.labels, encoder: encoder)
    whole.announce(at: encoder.maxLength)
    let set = try share.map { try whole.divided(by: $0).valid } ?? whole
    share?.announceEvaluation(set.count, of: whole.count)
    let result = LabelledEvaluation(
      adapted.model, adapters: adapted.selection, on: set, batchSize: batchSize)
    try set.checkRead()
    try check(result.loss, adapted)
    for remark in result.metrics.remarks { Console.write("note: \(remark)") }
    let report = task.labels.flatMap { result.metrics.report($0) }
    var json = result.json
    json["left_out"] = .integer(set.counts.empty)
    json["task"] = .string(task.task.rawValue)
    json["f1_class"] = task.labels.flatMap(Metric.f1.classOf).map { .string($0) }
    if let report { json["report"] = .object(report.json) }
    guard !options.results.json else { return try Console.result(json) }
    let values = [(Metric.loss, result.loss)] + result.metrics.values.map { ($0.metric, $0.value) }
    try Console.result(
      values.map { metric, value in
        "\(metric.words(task.labels)) " + String(format: "%.4f", value)
      }.joined(separator: ", ") + " over \(counted(result.metrics.rows, "row"))")
    for (index, table) in (report?.tables ?? []).enumerated() {
      if index > 0 { try Console.result("") }
      if let title = table.title { try Console.result(title) }
      try Console.result(
        TextTable(rows: table.rows, right: Set(table.rows[0].indices.dropFirst())).text)
    }
  }

  private func check(_ loss: Double, _ adapted: AdaptedModel) throws {
    if !loss.isFinite { throw options.nonFinite("the loss is not finite", of: adapted) }
  }
}
