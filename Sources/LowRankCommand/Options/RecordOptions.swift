import ArgumentParser
import Foundation
import LowRank
import LowRankRuns

/// The flags that say where a run can be seen.
struct RecordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write TensorBoard's event files into this folder.", valueName: "dir"), completion: .folder)
  var tensorboard: String?

  @Option(
    help: ArgumentHelp(
      "The run store, which runs and watch read. (default: $LOWRANK_RUNS, else ~/.local/share/lowrank/runs.sqlite)",
      valueName: "file"), completion: .store)
  var store: String?

  @Flag(help: "Do not record the run in the run store.")
  var noStore = false

  /// The file of the store; nil where the run is not to be noted.
  var place: URL? {
    if noStore { return nil }
    return store.map { URL(filePath: $0) }
      ?? RunStore.standardLocation(ProcessInfo.processInfo.environment)
  }

  /// Refuses flags that contradict each other.
  func check() throws {
    if let store, noStore { throw UsageError("--store \(store) contradicts --no-store") }
    if tensorboard == "" { throw UsageError("--tensorboard is empty, expected a folder") }
  }
}
