import ArgumentParser
import Foundation
import LowRank
import LowRankRuns
import LowRankSessions

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

  /// What these flags say.
  var settings: RecordSettings {
    var settings = RecordSettings()
    (settings.tensorboard, settings.store, settings.noStore) = (tensorboard, store, noStore)
    return settings
  }
}
