import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankRuns
import LowRankSessions

/// `lowrank runs export`: what runs measured, for other programs.
struct RunsExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write what runs measured as CSV or as TensorBoard's event files.",
    discussion: """
      CSV goes to standard output unless --output is given. --tensorboard makes a folder run-ID for every run, so that \
      `tensorboard --logdir` shows runs in one chart.
      """)

  @Argument(help: "The run's number; several with --tensorboard. (required)")
  var ids: [Int64] = []

  @Option(
    help: ArgumentHelp("Write CSV to this file.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var output: String?

  @Flag(help: "One line per step and a column per metric, instead of step,name,value.")
  var wide = false

  @Option(help: ArgumentHelp("Only these metrics.", valueName: "name,…"))
  var metrics: String?

  @Option(
    help: ArgumentHelp("Write event files below this folder.", valueName: "dir"),
    completion: .folder)
  var tensorboard: String?

  @OptionGroup var replacing: OverwriteOption<ExportedRuns>

  @Flag(
    help: "Print one JSON object on standard output: the values, or what was written where.")
  var json = false

  @OptionGroup var place: StoreOptions

  @OptionGroup var console: ConsoleOptions

  func run() throws {
    guard !ids.isEmpty else {
      throw UsageError("give a run's number: `lowrank runs` lists them")
    }
    let isTable = tensorboard == nil || output != nil
    guard !isTable || ids.count == 1 else {
      throw UsageError("CSV holds one run, found \(ids.count); several go to --tensorboard")
    }
    guard isTable || (!wide && metrics == nil) else {
      throw UsageError("--wide and --metrics are for CSV: give --output FILE too")
    }
    let store = try place.opened()
    for id in ids { _ = try store.existing(id) }
    if isTable, let id = ids.first { try writeTable(of: id, from: store) }
    guard let tensorboard else { return }
    var folders: [String] = []
    for id in ids {
      let folder = URL(filePath: tensorboard).appending(path: "run-\(id)")
      try FileManager.default.createDirectory(
        at: folder.deletingLastPathComponent(), withIntermediateDirectories: true)
      try publishFolder(at: folder, overwrite: replacing.overwrite, replacing: .events) { place in
        _ = try store.writeEvents(of: id, in: place)
      }
      folders.append(folder.relativePath)
      Console.write("run \(id) is in \(folder.relativePath)".printable)
    }
    guard json, output == nil else { return }
    try Console.result([
      "runs": .array(ids.map { .integer(Int($0)) }),
      "folders": .array(folders.map { .string($0) }),
    ])
  }

  private func writeTable(of id: Int64, from store: RunStore) throws {
    let names = metrics?.split(separator: ",").map(String.init)
    if let names {
      let known = try store.names(of: id)
      if let unknown = names.first(where: { !known.contains($0) }) {
        throw UsageError(
          "run \(id) has no metric \"\(unknown)\"; it has \(known.joined(separator: ", "))")
      }
    }
    let points = try store.points(of: id, names: names)
    let csv = points.csv(wide ? .wide : .long)
    guard let output else {
      return try json
        ? Console.result(Self.object(id, points)) : Console.result(csv, terminator: "")
    }
    try publishFile(at: URL(filePath: output), overwrite: replacing.overwrite) { url in
      let file = try OutputFile(at: url)
      try file.write(Array(csv.utf8))
      try file.close()
    }
    let metrics = Set(points.map(\.name)).count
    Console.write(
      "run \(id): \(counted(points.count, "value")) of \(counted(metrics, "metric")) in \(output)"
        .printable)
    guard json else { return }
    try Console.result([
      "run": .integer(Int(id)), "output": .string(output), "values": .integer(points.count),
    ])
  }

  /// The values of a run: of each metric, the steps and what was measured there.
  private static func object(_ id: Int64, _ points: [MetricPoint]) -> JSONObject {
    var metrics = JSONObject()
    for (name, points) in Dictionary(grouping: points, by: \.name).sorted(by: { $0.key < $1.key }) {
      metrics[name] = [
        "steps": .array(points.map { .integer($0.step) }),
        "values": .array(points.map { .double($0.value) }),
      ]
    }
    return ["run": .integer(Int(id)), "metrics": .object(metrics)]
  }
}
