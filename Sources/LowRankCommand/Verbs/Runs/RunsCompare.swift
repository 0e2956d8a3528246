import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankRuns
import LowRankSessions

/// `lowrank runs compare`: in what runs differ, side by side.
struct RunsCompare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Show which settings of runs differ, and their last metrics side by side.")

  @Argument(help: "Two or more runs' numbers. (required)")
  var ids: [Int64] = []

  @Flag(help: "Show the metrics of single modules too, such as update_norm/….")
  var modules = false

  @OptionGroup var place: StoreOptions

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard ids.count >= 2 else {
      throw UsageError("give two or more runs to compare, found \(ids.count)")
    }
    let store = try place.opened()
    let runs = try ids.map { try store.existing($0) }
    let settings = Self.rows(runs.map(Self.settings)).filter { Set($0.values).count > 1 }
    let metrics = Self.rows(try runs.map { try lastMetrics(of: $0, in: store) })
    guard !results.json else {
      return try Console.result([
        "runs": .array(ids.map { .integer(Int($0)) }),
        "differences": Self.object(settings) { .string($0) },
        "metrics": Self.object(metrics) { .double($0) },
      ])
    }
    if settings.isEmpty { try Console.result("all settings are equal") }
    let (maps, others) = (
      settings.filter { Self.isLabelMap($0.key) }, settings.filter { !Self.isLabelMap($0.key) }
    )
    let table = TextTable(
      [""] + ids.map { "run \($0)" }, right: Set(1...ids.count),
      rows: Self.withoutHashes(of: others).map { [$0.key] + $0.values.map { $0 ?? "" } }
        // The last rate that was taken reads as the one that was set.
        + metrics.filter { $0.key != "learning_rate" }
        .map { [$0.key] + $0.values.map { $0?.short ?? "" } })
    try Console.result(table.text)
    if !maps.isEmpty {
      Console.write("note: the classes differ too; --json lists them")
    }
  }

  /// The settings without the hashes of what has different names anyway.
  private static func withoutHashes(
    of settings: [(key: String, values: [String?])]
  ) -> [(key: String, values: [String?])] {
    let keys = Set(settings.map(\.key))
    let named = ["base_fingerprint": "base", "data_hash": "data"]
    return settings.filter { setting in !(named[setting.key].map(keys.contains) ?? false) }
  }

  /// Whether a key is an entry of a map between classes and numbers, which may have thousands.
  private static func isLabelMap(_ key: String) -> Bool {
    key.split(separator: ".").contains { $0 == "id2label" || $0 == "label2id" }
  }

  private func lastMetrics(
    of run: Run, in store: RunStore
  ) throws -> [(key: String, value: Double)] {
    let names = try store.names(of: run.id).filter { modules || !$0.contains("/") }
    let latest = try store.latest(names, of: run.id)
    return names.compactMap { name in latest[name].map { (name, $0.value) } }
  }

  /// What a run was given, the configuration last.
  private static func settings(of run: Run) -> [(key: String, value: String)] {
    let facts = run.facts
    let given: [(key: String, value: String)] = [
      ("outcome", run.outcome.rawValue), ("task", facts.task), ("base", facts.base),
      ("base_fingerprint", facts.baseFingerprint ?? ""), ("data", facts.data),
      ("data_hash", facts.dataHash), ("steps", "\(facts.steps)"),
      ("first_step", "\(facts.firstStep)"),
    ]
    let names = Set(given.map(\.key))
    // The configuration has the hashes of base and data under the names of these.
    return given + run.versions.leaves.map { ("versions.\($0.key)", $0.value) }
      + run.settings.filter { !names.contains($0.key) }
  }

  /// The values of every key that any run has, in the order in which keys are met.
  private static func rows<Value>(
    _ runs: [[(key: String, value: Value)]]
  ) -> [(key: String, values: [Value?])] {
    var keys: [String] = []
    var values: [String: [Value?]] = [:]
    for (index, run) in runs.enumerated() {
      for (key, value) in run {
        if values[key] == nil { keys.append(key) }
        values[key, default: Array(repeating: nil, count: runs.count)][index] = value
      }
    }
    return keys.map { ($0, values[$0] ?? []) }
  }

  private static func object<Value>(
    _ rows: [(key: String, values: [Value?])], _ json: (Value) -> JSONValue
  ) -> JSONValue {
    .object(JSONObject(rows.map { ($0.key, .array($0.values.map { $0.map(json) ?? .null })) }))
  }
}
