import Foundation
import LowRank
import LowRankSessions

/// What happens in an experiment.
public enum ExperimentEvent: Sendable {
  /// A run begins, one of so many that are known so far.
  case began(String, number: Int, of: Int)
  /// A run ended.
  case ended(RunRecord)
  /// A session warned of something.
  case warning(Remark)
  /// Chosen runs are measured on held-out rows.
  case measuring(Int)
}

/// Trains the runs of a plan, one after another, and compares their variants.
///
/// Every run is a session with its adapter and its state, so an experiment that was stopped or killed continues and gives
/// the same results. A run that fails is kept with the reason, and the others go on.
public final class Experiment {
  let plan: ExperimentPlan
  let folder: ExperimentFolder
  let data: PreparedData
  let variants: [ResolvedVariant]
  private let report: @Sendable (ExperimentEvent) -> Void
  private var records: [String: RunRecord] = [:]
  private var order: [String] = []

  /// Opens the folder, divides rows, finds ranks and steps, and refuses variants that cannot be.
  ///
  /// - Parameters:
  ///   - path: the folder of the experiment, which is made, or continued.
  ///   - report: receives what happens.
  /// - Throws: `SettingsError`, `DataError`, `FileError`, `Interrupted`.
  public init(
    _ plan: ExperimentPlan, in path: String,
    report: @escaping @Sendable (ExperimentEvent) -> Void = { _ in }
  ) throws {
    (self.plan, self.report) = (plan, report)
    let folder = try ExperimentFolder(at: path, plan: plan)
    self.folder = folder
    data = PreparedData(plan, in: folder.url)
    let resolver = try VariantResolver(plan, data)
    variants = try Self.silently(report) { try resolver.all(known: folder.resolved) }
    for variant in variants {
      if let test = try data.test(of: variant.settings) {
        try Self.checkRows(test, of: variant.settings)
      }
      let facts: JSONObject = [
        "steps": .integer(variant.steps), "parameters": .integer(variant.parameters),
        "rank": .integer(variant.settings.adapter.rank ?? 8),
      ]
      try folder.keep(resolved: facts, of: variant.slug)
    }
    if let first = variants.first {
      try Self.silently(report) { try HeldOutMeasure(first.settings).check(plan.forgetting) }
    }
  }

  /// Refuses held-out rows that are too few to compare on.
  private static func checkRows(_ split: DataSplit, of settings: RunSettings) throws {
    let table =
      try settings.parsedTask == .imageClassification
      ? ImageTable(of: split, columns: settings.data.columns, isLabelled: true).table
      : DataTable(of: split, isHeader: settings.data.columns.isHeader)
    let count = table.rows.count
    guard count > 1 else {
      throw DataError(split.name, "1 row is too few to compare on; hold out 2 or more")
    }
  }

  /// Trains what is not trained yet, measures the chosen runs, and writes the results.
  ///
  /// - Throws: `Interrupted` if the user stopped it; `ExperimentError` where no run was trained; `FileError`.
  public func run() throws -> ExperimentResults {
    let schedule = RunSchedule(plan, variants)
    let work = Work("training", of: schedule.steps(finished: try finishedNames()), .steps)
    defer { work.end() }
    for variant in variants {
      var rates = plan.rates
      for trial in schedule.trials(of: variant) {
        let tried = try rates.map {
          try train(
            PlannedRun(variant, rate: $0, seed: plan.seeds[0], trying: trial.steps), work,
            schedule.count)
        }
        rates = schedule.survivors(tried)
        if rates.isEmpty { break }
      }
      for rate in rates {
        for seed in plan.seeds {
          _ = try train(PlannedRun(variant, rate: rate, seed: seed), work, schedule.count)
        }
      }
    }
    guard records.values.contains(where: { $0.failure == nil && !$0.isTrial }) else {
      throw ExperimentError(order.compactMap { records[$0]?.failure }.first ?? "there is no run")
    }
    try measure()
    let results = ExperimentResults(plan, variants, order.compactMap { records[$0] })
    try results.write(into: folder)
    return results
  }

  /// The names of the runs that need no training any more.
  private func finishedNames() throws -> Set<String> {
    let names = try FileManager.default.contents(of: folder.url.appending(path: "records"))
    return Set(
      try names.compactMap { try folder.record($0) }.filter(Self.isFinal).map(\.name))
  }

  /// Whether another try would say the same.
  private static func isFinal(_ record: RunRecord) -> Bool {
    record.failure == nil || record.hasDiverged
  }

  /// Trains a run, or takes its record.
  private func train(_ run: PlannedRun, _ work: Work, _ total: Int) throws -> RunRecord {
    order.append(run.slug)
    if let known = try folder.record(run.slug), Self.isFinal(known) {
      guard known.settings == run.comparedSettings else {
        throw SettingsError(
          "\(folder.url.relativePath) holds the run \(run.name) under other settings; choose another folder"
        )
      }
      records[run.slug] = known
      return known
    }
    report(.began(run.name, number: order.count, of: max(total, order.count)))
    work.detail = run.name
    let record = try Self.silently(report) {
      try RunTrainer(run, folder).record { work.advance() }
    }
    try folder.keep(record, of: run.slug)
    records[run.slug] = record
    report(.ended(record))
    return record
  }

  /// Measures the runs at the best rate of each variant on the held-out rows and on other data.
  private func measure() throws {
    let results = ExperimentResults(plan, variants, order.compactMap { records[$0] })
    let runs = variants.flatMap { variant -> [PlannedRun] in
      guard let rate = results.bestRate(of: variant.variant.name) else { return [] }
      return plan.seeds.map { PlannedRun(variant, rate: rate, seed: $0) }
    }.filter { records[$0.slug]?.failure == nil }
    let open = runs.filter { needsMeasure(records[$0.slug]) }
    guard !open.isEmpty else { return }
    report(.measuring(open.count))
    let work = Work("measuring", of: open.count, .tries)
    defer { work.end() }
    var before: [String: Double] = [:]
    for run in open {
      work.detail = run.name
      guard var record = records[run.slug] else { continue }
      try Self.silently(report) {
        let settings = run.settings(at: folder.run(run.slug))
        let measure = HeldOutMeasure(settings)
        if record.test.isEmpty, let rows = try data.test(of: settings) {
          record.test = try measure.metrics(on: rows)
        }
        if let other = plan.forgetting, record.otherLoss == nil {
          let key = settings.model.model ?? ""
          let start = try before[key] ?? measure.loss(on: other, withAdapter: false)
          before[key] = start
          record.otherLoss = (start, try measure.loss(on: other, withAdapter: true))
        }
      }
      try folder.keep(record, of: run.slug)
      records[run.slug] = record
      work.advance()
      guard !Surroundings.current.isStopping() else { throw Interrupted() }
    }
  }

  private func needsMeasure(_ record: RunRecord?) -> Bool {
    guard let record else { return false }
    let hasRows = variants.first.flatMap { try? data.test(of: $0.settings) } != nil
    return record.test.isEmpty && hasRows || record.otherLoss == nil && plan.forgetting != nil
  }

  /// Does work whose remarks would be the same for every run; warnings are passed on.
  static func silently<Result>(
    _ report: @escaping @Sendable (ExperimentEvent) -> Void, _ work: () throws -> Result
  ) rethrows -> Result {
    var around = Surroundings.current
    around.hear = { if $0.kind == .warning { report(.warning($0)) } }
    return try Surroundings.$current.withValue(around, operation: work)
  }
}

/// No run of an experiment was trained to its end.
public struct ExperimentError: Error, CustomStringConvertible {
  /// One sentence.
  public let description: String

  init(_ reason: String) {
    description = "no run was trained to its end; the first failed: \(reason)"
  }
}

extension FileManager {
  /// The names of the files of a folder without their endings, sorted; none where there is no folder.
  fileprivate func contents(of folder: URL) throws -> [String] {
    guard fileExists(atPath: folder.path) else { return [] }
    return try contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
      .map { String($0.dropLast(5)) }.sorted()
  }
}
