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
      "Find the fewest of the largest singular values whose loss is at most this much above, as 0.5% or 0.01; with --sweep the smallest adapter of every policy.",
      valueName: "x"))
  var maxLossIncrease: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The same for the metric of a classifier: at most this much worse, as 0.005 for half a point.",
      valueName: "x"))
  var maxMetricDrop: Double?

  @Option(
    help: ArgumentHelp(
      "The metric of --max-metric-drop. (default: accuracy, f1_micro or pearson, by the adapter's task)",
      valueName: "name"))
  var metric: String?

  @Option(
    help: ArgumentHelp(
      "Weigh components by what they make of the inputs on these rows, which needs --model.",
      valueName: "path"))
  var calibrate: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The rows of --calibrate that are read.", valueName: "n"))
  var calibrationRows: Int = 512

  @Option(
    help: ArgumentHelp(
      "The model, a folder or a name on the hub, for measuring and for what a GGUF file does not say.",
      valueName: "model"))
  var model: String?

  @Option(
    help: ArgumentHelp("f32, bf16 or auto, for measuring.", valueName: "type"))
  var precision: String = "auto"

  @OptionGroup var doors: DoorOptions

  @OptionGroup var data: DataOptions

  /// Whether anything is to be measured.
  var measures: Bool { verify || sweep || searches }

  /// Whether the smallest adapter that is good enough is to be found.
  var searches: Bool { maxLossIncrease != nil || maxMetricDrop != nil }

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
      throw UsageError(
        "--metric is \"\(metric)\", expected \(known.map(\.rawValue).joined(separator: ", "))")
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
      adapter, on: base, data: set(data, adapter, base), allowing: doors.allowed)
    if let report = meter.loading { DoorOptions.announce(report, of: adapter.url.relativePath) }
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
        adapter, on: base, data: labelled(calibrate, adapter, base), rows: calibrationRows,
        allowing: doors.allowed)
      : try Calibration(
        adapter, on: base, data: texts(calibrate, adapter, base), rows: calibrationRows,
        allowing: doors.allowed)
    // Where it is measured too, that has said so already.
    if let report = calibration.loading, !measures {
      DoorOptions.announce(report, of: adapter.url.relativePath)
    }
    return calibration
  }

  private func base(for adapter: StoredAdapter, _ threads: Int?) throws -> Model {
    guard let model else { throw UsageError("--model DIR is missing, to measure with") }
    let precision = try PrecisionChoice.taken(precision)
    let base = try Model(
      from: Located.model(model), as: adapter.head ?? .causal, precision: precision,
      engine: Threads.engine(threads))
    for note in base.notes { Console.write("note: \(note)") }
    return base
  }

  private func set(
    _ path: String, _ adapter: StoredAdapter, _ base: Model
  ) throws -> any QualityData {
    base.classifier == nil ? try texts(path, adapter, base) : try labelled(path, adapter, base)
  }

  /// Rows with labels, as training of the adapter read them.
  private func labelled(
    _ path: String, _ adapter: StoredAdapter, _ base: Model
  ) throws -> LabelledSet {
    // A head that neither the model nor the adapter has would be random, and is refused.
    let loaded = try Adapter(from: adapter.url, on: base, allowing: doors.allowed)
    let task = try AdaptedModel(model: base, adapter: loaded).labelledTask
    let set = try LabelledSet(
      at: try Evaluate.file(URL(filePath: path)), columns: data.columns.filled(from: task.columns),
      task: task.task, labels: task.labels,
      encoder: data.labelledEncoder(for: base, trained: task.maxLength))
    Console.write("\(set.source): \(set.counts)")
    return set
  }

  private func texts(
    _ path: String, _ adapter: StoredAdapter, _ base: Model
  ) throws -> ExampleSet {
    try data.examples(
      Evaluate.file(URL(filePath: path)), data.encoder(for: base, adapter: adapter.url.path),
      keptIn: data.kept(beside: adapter.url.path))
  }
}
