import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankRuns
import LowRankSessions

/// `lowrank runs list`: a line for each run.
struct RunsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List runs, the newest first.")

  @Option(
    help: ArgumentHelp("Only runs that wrote this adapter folder.", valueName: "dir"),
    completion: .folder)
  var adapter: String?

  @Option(help: ArgumentHelp("At most this many runs.", valueName: "n"))
  var limit: Int?

  @OptionGroup var place: StoreOptions

  @OptionGroup var results: ResultOptions

  func run() throws {
    try Bounds.check(limit, "--limit", to: Bounds.steps)
    let store = try place.openedIfPresent()
    var runs = try store?.runs() ?? []
    let isEmpty = runs.isEmpty
    if let adapter {
      let wanted = OutputFolder.canonical(URL(filePath: adapter))
      runs.removeAll { OutputFolder.canonical(URL(filePath: $0.facts.adapter)) != wanted }
    }
    let listed = try runs.prefix(limit ?? .max).map { run in
      var found = try store?.latest(Self.names(store?.names(of: run.id) ?? []), of: run.id) ?? [:]
      if let store, let kept = try KeptEvaluation.points(of: run, in: store) {
        found = found.filter { !$0.key.hasPrefix("valid_") }.merging(kept) { $1 }
      }
      return (run: run, latest: found)
    }
    guard !results.json else {
      return try Console.result([
        "store": .string(place.url.path),
        "runs": .array(
          listed.map { run, latest in
            var object = run.json
            object["metrics"] = .object(
              JSONObject(latest.sorted { $0.key < $1.key }.map { ($0, .double($1.value)) }))
            return .object(object)
          }),
      ])
    }
    guard !listed.isEmpty else {
      return Console.write(
        store == nil
          ? place.absence.printable
          : isEmpty
            ? "no runs in \(place.url.path): every `lowrank train` adds one".printable
            : "none of the runs wrote \(adapter ?? "")".printable)
    }
    try Console.result(Self.table(listed))
  }

  /// The metrics that a line shows: the loss that training reported, or that of the last step of a run without one, the
  /// speed, and all of validation, of what the run kept.
  private static func names(_ names: [String]) -> [String] {
    names.filter {
      ["loss", RunRecorder.trainingLoss, "tokens_per_second"].contains($0)
        || $0.hasPrefix("valid_")
    }
  }

  private static func table(_ runs: [(run: Run, latest: [String: MetricPoint])]) -> String {
    TextTable(
      ["id", "started", "outcome", "step", "loss", "valid", "tokens/s", "adapter", "base"],
      right: [0, 3, 4, 5, 6], whole: [1],
      rows: runs.map { run, latest in
        [
          "\(run.id)", run.started.minute, run.outcome.rawValue,
          "\(run.lastStep)/\(run.facts.steps)",
          (latest[RunRecorder.trainingLoss] ?? latest["loss"]).map { $0.value.short } ?? "",
          validation(latest), latest["tokens_per_second"].map { $0.value.rounded().short } ?? "",
          run.facts.adapter.belowCurrentFolder, run.facts.base,
        ]
      }
    ).text
  }

  /// The loss in validation, or the first other metric with its name.
  private static func validation(_ latest: [String: MetricPoint]) -> String {
    if let loss = latest["valid_loss"] { return loss.value.short }
    let metric = latest.filter { $0.key.hasPrefix("valid_") }.min { $0.key < $1.key }
    return metric.map { "\($0.key.dropFirst("valid_".count)) \($0.value.value.short)" } ?? ""
  }
}
