import ArgumentParser
import Foundation
import LowRank

/// The flags that measure a compressed adapter on data.
struct VerificationOptions: ParsableArguments {
  @Flag(help: "Measure loss and KL divergence before and after, on --data with --model.")
  var verify = false

  @Flag(help: "Measure the loss over budgets and policies instead of writing an adapter.")
  var sweep = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Find the smallest adapter whose loss on --data is higher by at most this, as 0.5% or 0.01; with --sweep, that of every policy. Takes at most log₂ n evaluations for n singular values.",
      valueName: "x"))
  var maxLossIncrease: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Find the smallest classifier whose metric is worse by at most this, as 0.005. Takes at most 2 log₂ n evaluations.",
      valueName: "x"))
  var maxMetricDrop: Double?

  @Option(
    help: ArgumentHelp(
      "The metric of --max-metric-drop. (default: accuracy, f1_micro or pearson, by the adapter's task)",
      valueName: "name"), completion: .metric)
  var metric: String?

  @Option(
    help: ArgumentHelp(
      "Weigh components by their effect on the inputs in these rows; needs --model.",
      valueName: "path"), completion: .data)
  var calibrate: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The rows of --calibrate that are read.", valueName: "n"))
  var calibrationRows: Int = 512

  @Option(
    help: ArgumentHelp(
      "The model to measure with: a folder, or a name on the hub. A GGUF adapter may need it too.",
      valueName: "model"), completion: .model)
  var model: String?

  @Option(
    help: ArgumentHelp("f32, bf16 or auto, for measuring.", valueName: "type"),
    completion: .precision)
  var precision: String = "auto"

  @OptionGroup var checks: CheckOptions

  @OptionGroup var data: DataOptions<DataIfGiven>
  @OptionGroup var splitOption: SplitOption

  /// Whether anything is to be measured.
  var measures: Bool { verify || sweep || searches }

  /// Whether the smallest adapter that is good enough is to be found.
  var searches: Bool { maxLossIncrease != nil || maxMetricDrop != nil }

  /// The flag that searches, with its value; nil if neither is given.
  var searchFlag: String? {
    maxLossIncrease.map { "--max-loss-increase \($0)" }
      ?? maxMetricDrop.map { "--max-metric-drop \($0)" }
  }

  /// What is accepted of an adapter, given how it was; nil where nothing is searched for.
  ///
  /// - Throws: `UsageError` where a flag makes no sense.
  func bound(below before: Quality) throws -> QualityBound? {
    if let limit = try limit(above: before.loss) { return .loss(atMost: limit) }
    guard let drop = maxMetricDrop else { return nil }
    let metric = try judged(among: before)
    let value = before.value(metric)
    guard value.isFinite else {
      throw UsageError("--max-metric-drop: \(metric.rawValue) is not defined on this data")
    }
    return QualityBound(
      metric: metric, limit: metric.isBetterHigher ? value - drop : value + drop)
  }

  /// Refuses flags that contradict each other or make no sense, before anything is read.
  func check() throws {
    _ = try limit(above: 0)
    guard maxLossIncrease == nil || maxMetricDrop == nil else {
      throw UsageError("--max-loss-increase contradicts --max-metric-drop; give one of them")
    }
    guard metric == nil || maxMetricDrop != nil else {
      throw UsageError("--metric has no effect without --max-metric-drop")
    }
    guard (maxMetricDrop ?? 0) >= 0, (maxMetricDrop ?? 0).isFinite else {
      throw UsageError(
        "--max-metric-drop is \(maxMetricDrop ?? 0), expected 0 or more, as 0.005 for half a point")
    }
  }

  private func judged(among before: Quality) throws -> Metric {
    let known = Metric.allCases.filter { before.metrics[$0] != nil }
    guard !known.isEmpty else {
      throw UsageError(
        "--max-metric-drop is for the adapters of classifiers; give --max-loss-increase")
    }
    guard let metric else {
      return known.first { [.accuracy, .f1Micro, .pearson].contains($0) } ?? known[0]
    }
    guard let parsed = Metric(rawValue: metric), known.contains(parsed) else {
      throw UsageError.value(metric, of: "--metric", expected: known.map(\.rawValue))
    }
    return parsed
  }

  /// The greatest loss that is accepted.
  ///
  /// - Throws: `UsageError` where the flag is no number.
  private func limit(above loss: Double) throws -> Double? {
    guard let text = maxLossIncrease else { return nil }
    let isShare = text.hasSuffix("%")
    guard let number = Double(isShare ? String(text.dropLast()) : text), number >= 0,
      number.isFinite
    else {
      throw UsageError("--max-loss-increase is \"\(text)\", expected a number as 0.5% or 0.01")
    }
    return isShare ? loss * (1 + number / 100) : loss + number
  }

  /// What measures the adapter.
  ///
  /// - Throws: `UsageError` where a flag is missing, and what reading model and data throws.
  func meter(for adapter: StoredAdapter, threads: Int?) throws -> QualityMeter {
    guard let data = data.data else { throw UsageError("--data FILE is missing, to measure on") }
    try check()
    let base = try base(for: adapter, threads)
    let meter = try QualityMeter(
      adapter, on: base, data: set(rows(data), adapter, base), allowing: checks.allowed)
    if let report = meter.loading { CheckOptions.announce(report, of: adapter.url.relativePath) }
    return meter
  }

  /// What the modules are given on the calibration data; nil where none is asked for.
  ///
  /// - Throws: `UsageError` where a flag is missing, and what reading model and data throws.
  func calibration(for adapter: StoredAdapter, threads: Int?) throws -> Calibration? {
    guard let calibrate else { return nil }
    try Bounds.check(calibrationRows, "--calibration-rows")
    let base = try base(for: adapter, threads)
    let calibration =
      base.classifier != nil
      ? try Calibration(
        adapter, on: base, data: labelled(LocatedData.rows(calibrate), adapter, base),
        rows: calibrationRows,
        allowing: checks.allowed)
      : try Calibration(
        adapter, on: base, data: texts(LocatedData.rows(calibrate), adapter, base),
        rows: calibrationRows,
        allowing: checks.allowed)
    // Where it is measured too, that has said so already.
    if let report = calibration.loading, !measures {
      CheckOptions.announce(report, of: adapter.url.relativePath)
    }
    return calibration
  }

  private func base(for adapter: StoredAdapter, _ threads: Int?) throws -> Model {
    guard let model else { throw UsageError("--model DIR is missing, to measure with") }
    let precision = try PrecisionChoice.taken(precision)
    let base = try Model(
      from: Located.model(model), as: adapter.head ?? .causal, precision: precision,
      engine: Threads.engine(threads))
    PrecisionChoice.announce()
    for note in base.notes { Console.write("note: \(note)") }
    if let folder = try? AdapterFolder(at: adapter.url) { return try folder.fitting(base) }
    return base
  }

  private func rows(_ data: String) throws -> DataSplit {
    try LocatedData.rows(data, split: splitOption.split)
  }

  private func set(
    _ rows: DataSplit, _ adapter: StoredAdapter, _ base: Model
  ) throws -> any QualityData {
    base.classifier == nil ? try texts(rows, adapter, base) : try labelled(rows, adapter, base)
  }

  /// Rows with labels, as training of the adapter read them.
  private func labelled(
    _ rows: DataSplit, _ adapter: StoredAdapter, _ base: Model
  ) throws -> LabelledSet {
    // A head that neither the model nor the adapter has would be random, and is refused.
    let loaded = try Adapter(from: adapter.url, on: base, allowing: checks.allowed)
    let task = try AdaptedModel(model: base, adapter: loaded).labelledTask
    let set = try LabelledSet(
      of: rows, columns: data.columns.filled(from: task.columns),
      task: task.task, labels: task.labels,
      encoder: data.labelledEncoder(for: base, trained: task.maxLength))
    Console.write("\(set.source): \(set.counts)")
    LostText.warn(set.counts.lost, in: set.source)
    return set
  }

  private func texts(
    _ rows: DataSplit, _ adapter: StoredAdapter, _ base: Model
  ) throws -> ExampleSet {
    try data.examples(
      rows, data.encoder(for: base, adapter: adapter.url.path),
      keptIn: data.kept(beside: adapter.url.path))
  }
}
