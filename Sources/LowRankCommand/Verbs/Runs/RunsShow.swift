import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankRuns

/// `lowrank runs show`: all that is known of a run.
struct RunsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a run's facts, configuration and metrics.")

  @Argument(help: "The run's number, as `lowrank runs` lists it. (required)")
  var id: Int64?

  @Flag(help: "Show the metrics of single modules too, such as update_norm/….")
  var modules = false

  @OptionGroup var place: StoreOptions

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard let id else { throw UsageError("give a run's number: `lowrank runs` lists them") }
    let store = try place.opened()
    let run = try store.existing(id)
    let names = try store.names(of: id).filter { modules || !$0.contains("/") }
    let points = Dictionary(grouping: try store.points(of: id, names: names), by: \.name)
    let metrics = names.compactMap { name in
      points[name].flatMap { points in
        MetricSummary(of: points).map { (name: name, points: points, summary: $0) }
      }
    }
    guard !results.json else {
      var object = run.json
      object["configuration"] = run.configuration
      object["versions"] = run.versions
      object["metrics"] = .object(
        JSONObject(metrics.map { ($0.name, Self.json($0.summary, count: $0.points.count)) }))
      return try Console.result(object)
    }
    let columns = Terminal.resultColumns
    for line in Self.facts(of: run) { try Console.result(line.printable.wrapped(to: columns)) }
    try Console.result("configuration:")
    for (key, value) in run.settings {
      try Console.result("  \(key): \(value)".printable.wrapped(to: columns, indent: 4))
    }
    guard !metrics.isEmpty else { return try Console.result("metrics: none yet") }
    let table = TextTable(
      ["metric", "last", "at", "least", "at", "greatest", "at", ""], right: [1, 2, 3, 4, 5, 6],
      rows: metrics.map { name, points, summary in
        [name] + [summary.last, summary.least, summary.greatest].flatMap(Self.cells)
          + [Sparkline(points.map(\.value)).text]
      })
    try Console.result(table.text)
  }

  private static func cells(_ point: MetricPoint?) -> [String] {
    point.map { [$0.value.short, "\($0.step)"] } ?? ["", ""]
  }

  private static func json(_ summary: MetricSummary, count: Int) -> JSONValue {
    var object: JSONObject = ["count": .integer(count)]
    let points = [
      ("last", summary.last), ("least", summary.least), ("greatest", summary.greatest),
    ]
    for (key, point) in points {
      object[key] = point.map { .double($0.value) } ?? .null
      object[key + "_step"] = point.map { .integer($0.step) } ?? .null
    }
    return .object(object)
  }

  private static func facts(of run: Run) -> [String] {
    let facts = run.facts
    var lines = [
      "run \(run.id): \(run.outcome.rawValue), step \(run.lastStep) of \(facts.steps)"
        + (run.message.map { ": \($0)" } ?? ""),
      "started: \(run.started.minute)" + (run.ended.map { ", ended: \($0.minute)" } ?? ""),
      "adapter: \(facts.adapter)", "task: \(facts.task)",
      "base: \(facts.base)" + (facts.baseFingerprint.map { " (\($0))" } ?? ""),
      "data: \(facts.data) (\(facts.dataHash))",
    ]
    if facts.firstStep > 0 {
      let earlier = facts.continues.map { "run \($0)" } ?? "a run that is not in the store"
      lines.append("resumes: \(earlier) after step \(facts.firstStep)")
    }
    let versions = run.versions.leaves.map { "\($0.key) \($0.value)" }
    return versions.isEmpty
      ? lines : lines + ["versions: \(versions.joined(separator: ", "))"]
  }
}
