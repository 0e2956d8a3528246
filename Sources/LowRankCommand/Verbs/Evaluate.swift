import ArgumentParser
import Foundation
import LowRank

/// `lowrank evaluate`: loss and perplexity on a file, or the metrics of a classifier.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure loss and metrics on a file, with or without an adapter.",
    discussion: """
      Prints loss and perplexity of a language model; of a classifier, the metrics of its task and of each class. Task, \
      columns and classes are read from the adapter's folder; flags that name columns have precedence.

      EXAMPLES:
        lowrank evaluate --model models/smollm --data data/e2e/test.jsonl
        lowrank evaluate --model models/minilm --adapter adapters/sst2 --data data/sst2/dev.tsv
      """)

  @OptionGroup var options: ModelOptions<AdapterIfGiven>
  @OptionGroup var dataOptions: DataOptions<DataRequired>
  @OptionGroup var splitOption: SplitOption

  @Option(parsing: .unconditional, help: ArgumentHelp("Rows at a time.", valueName: "n"))
  var batchSize: Int = 8

  func run() throws {
    guard let data = dataOptions.data else { throw UsageError("--data FILE is missing") }
    try Bounds.check(batchSize, "--batch-size")
    let adapted = try options.loadAdapted()
    let rows = try LocatedData.rows(data, split: splitOption.split)
    switch adapted.model.architecture {
    case is CausalModel: try evaluateCausal(adapted, on: rows)
    default: try evaluateClassifier(adapted, on: rows)
    }
  }

  private func evaluateCausal(_ adapted: AdaptedModel, on rows: DataSplit) throws {
    let set = try dataOptions.examples(
      rows, dataOptions.encoder(for: adapted.model, adapter: options.adapter),
      keptIn: adapted.adapter?.task)
    let result = Evaluation(
      adapted.model, adapters: adapted.selection, on: set, batchSize: batchSize)
    try check(result.loss)
    guard options.json else {
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

  private func evaluateClassifier(_ adapted: AdaptedModel, on rows: DataSplit) throws {
    let task = try adapted.labelledTask
    let set = try LabelledSet(
      of: rows, columns: dataOptions.columns.filled(from: task.columns), task: task.task,
      labels: task.labels,
      encoder: dataOptions.labelledEncoder(for: adapted.model, trained: task.maxLength))
    Console.write("\(set.source): \(set.counts)")
    LostText.warn(set.counts.lost, in: set.source)
    let result = LabelledEvaluation(
      adapted.model, adapters: adapted.selection, on: set, batchSize: batchSize)
    try check(result.loss)
    for remark in result.metrics.remarks { Console.write("note: \(remark)") }
    let report = task.labels.flatMap { result.metrics.report($0) }
    var json = result.json
    json["left_out"] = .integer(set.counts.empty)
    json["task"] = .string(task.task.rawValue)
    if let report { json["report"] = .object(report.json) }
    guard !options.json else { return try Console.result(json) }
    let values = [(Metric.loss, result.loss)] + result.metrics.values.map { ($0.metric, $0.value) }
    try Console.result(
      values.map { metric, value in
        "\(metric.rawValue.replacing("_", with: " ")) " + String(format: "%.4f", value)
      }.joined(separator: ", ") + " over \(counted(result.metrics.rows, "row"))")
    for (index, table) in (report?.tables ?? []).enumerated() {
      if index > 0 { try Console.result("") }
      if let title = table.title { try Console.result(title) }
      try Console.result(
        TextTable(rows: table.rows, right: Set(table.rows[0].indices.dropFirst())).text)
    }
  }

  private func check(_ loss: Double) throws {
    guard !loss.isFinite else { return }
    throw DataError(
      options.adapter ?? options.model ?? "",
      "the loss is not finite; the weights hold a number that is not finite, or one too large")
  }
}
