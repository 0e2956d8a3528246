import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// The flags that measure a compressed adapter on data.
struct VerificationOptions: ParsableArguments {
  @Flag(help: "Measure loss and KL divergence before and after, on --data with --model.")
  var verify = false

  @Flag(help: "Measure the loss over budgets and policies instead of writing an adapter.")
  var sweep = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Find the smallest adapter whose loss on --data is higher by at most this: 0.5% is a share of the loss, 0.01 is added to it. With --sweep, find it for every policy. Takes at most log₂ n evaluations for n singular values.",
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
      "What components are weighed by on the rows of --calibrate. inputs: their effect on the module's outputs. taylor: the first-order change of the loss without them. fisher: their energy weighted by the Fisher information. (default: inputs)",
      valueName: "name"), completion: .list(["inputs"] + ImportanceScore.allCases.map(\.rawValue)))
  var importance: String?

  @Option(
    help: ArgumentHelp(
      "The model to measure with: a folder, or a name on the hub. A GGUF adapter may need it too.",
      valueName: "model"), completion: .model)
  var model: String?

  @OptionGroup var products: PrecisionOption

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
    _ = try score
    guard importance == nil || calibrate != nil else {
      throw UsageError("--importance needs --calibrate PATH, the rows that say what is important")
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
      throw UsageError(
        "--max-loss-increase is \"\(text)\", expected a share of the loss as 0.5%, or a number that is added to it as 0.01"
      )
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
      adapter, on: base, data: set(rows(data, base), adapter, base),
      allowing: checks.settings.allowed)
    if let report = meter.loading { CheckSettings.announce(report, of: adapter.url.relativePath) }
    return meter
  }

  /// What gradients of the loss say of components; nil for their effect on outputs.
  ///
  /// - Throws: `UsageError` for a name that is none.
  var score: ImportanceScore? {
    get throws {
      guard let importance, importance != "inputs" else { return nil }
      guard let score = ImportanceScore(rawValue: importance) else {
        throw UsageError.value(
          importance, of: "--importance",
          expected: ["inputs"] + ImportanceScore.allCases.map(\.rawValue))
      }
      return score
    }
  }

  /// The adapter's components, weighed by the calibration data if there are any.
  ///
  /// - Throws: `UsageError` where a flag is missing, and what reading model and data throws.
  func compression(of adapter: StoredAdapter, threads: Int?) throws -> Compression {
    guard let calibrate else { return try Compression(adapter) }
    try Bounds.check(calibrationRows, "--calibration-rows")
    let base = try base(for: adapter, threads)
    let rows = try set(LocatedData.rows(calibrate, ofImages: readsImages(base)), adapter, base)
    if let score = try score {
      return try Compression(adapter, weighedBy: importance(of: adapter, base, rows, by: score))
    }
    let calibration = try calibration(of: adapter, base, rows)
    // Where it is measured too, that has said so already.
    if let report = calibration.loading, !measures {
      CheckSettings.announce(report, of: adapter.url.relativePath)
    }
    return try Compression(adapter, calibratedBy: calibration)
  }

  private func calibration(
    of adapter: StoredAdapter, _ base: Model, _ rows: some TrainingSet
  ) throws -> Calibration {
    try Calibration(
      adapter, on: base, data: rows, rows: calibrationRows, allowing: checks.settings.allowed)
  }

  private func importance(
    of adapter: StoredAdapter, _ base: Model, _ rows: some TrainingSet, by score: ImportanceScore
  ) throws -> ComponentImportance {
    try ComponentImportance(
      adapter, on: base, data: rows, rows: calibrationRows, by: score,
      allowing: checks.settings.allowed)
  }

  /// A compressed adapter that is trained further; nil where none is asked for.
  ///
  /// - Throws: what reading model and data, and training throws.
  func healing(
    _ draft: EditableAdapter, of adapter: StoredAdapter, as options: HealOptions, threads: Int?
  ) throws -> Healing? {
    guard let steps = options.heal, let place = options.healData ?? calibrate else { return nil }
    let base = try base(for: adapter, threads)
    let rows = try set(LocatedData.rows(place, ofImages: readsImages(base)), adapter, base)
    return try Healing(
      draft, on: base, data: rows, steps: steps, learningRate: options.rate,
      allowing: checks.settings.allowed)
  }

  private func base(for adapter: StoredAdapter, _ threads: Int?) throws -> Model {
    guard let model else { throw UsageError("--model DIR is missing, to measure with") }
    let precision = try PrecisionChoice.taken(products.precision)
    let base = try Model(
      from: Located.model(model), as: adapter.head ?? .causal, precision: precision,
      engine: Threads.engine(threads))
    PrecisionChoice.announce()
    for note in base.notes { Console.write("note: \(note)") }
    if let folder = try? AdapterFolder(at: adapter.url) { return try folder.fitting(base) }
    return base
  }

  private func rows(_ data: String, _ base: Model) throws -> DataSplit {
    try LocatedData.rows(data, split: splitOption.split, ofImages: readsImages(base))
  }

  private func readsImages(_ base: Model) -> Bool { AdaptedModel(model: base).readsImages }

  private func set(
    _ rows: DataSplit, _ adapter: StoredAdapter, _ base: Model
  ) throws -> any QualityData & TrainingSet {
    base.classifier == nil ? try texts(rows, adapter, base) : try labelled(rows, adapter, base)
  }

  /// Rows with labels, as training of the adapter read them.
  private func labelled(
    _ rows: DataSplit, _ adapter: StoredAdapter, _ base: Model
  ) throws -> LabelledSet {
    // A head that neither the model nor the adapter has would be random, and is refused.
    let loaded = try Adapter(from: adapter.url, on: base, allowing: checks.settings.allowed)
    let task = try AdaptedModel(model: base, adapter: loaded).labelledTask
    let encoder = try data.settings.labelledEncoder(for: base, trained: task.maxLength)
    let set = try LabelledSet(
      of: rows, columns: data.settings.columns.filled(from: task.columns),
      task: task.task, labels: task.labels, encoder: encoder)
    set.announce(at: encoder.maxLength)
    return set
  }

  private func texts(
    _ rows: DataSplit, _ adapter: StoredAdapter, _ base: Model
  ) throws -> ExampleSet {
    do {
      return try data.settings.examples(
        rows, data.settings.encoder(for: base, adapter: adapter.url.path),
        keptIn: data.settings.kept(beside: adapter.url.path))
    } catch let error as DataError {
      guard let row = try? DataTable(of: rows).rows.first, row.fields["chosen"] != nil,
        row.fields["rejected"] != nil
      else { throw error }
      throw DataError(
        error.place,
        """
        a preference row, "chosen" and "rejected", and compress measures texts: write the chosen answers as "messages", or \
        as "prompt" and "completion"; evaluate --objective measures preferences
        """)
    }
  }
}
