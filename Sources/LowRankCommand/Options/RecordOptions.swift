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
    if store == "" { throw UsageError("--store is empty, expected a file") }
  }

  /// Refuses, before anything is read, a file given by `--store` that is something else than a run store.
  ///
  /// A store that cannot be opened at the moment does not keep a run from being trained.
  /// - Throws: `RunStoreError`.
  func checkStore() throws {
    guard !noStore, let store else { return }
    let url = URL(filePath: store)
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
    guard let attributes else { return }
    if attributes[.type] as? FileAttributeType == .typeRegular, attributes[.size] as? Int == 0 {
      Console.write("note: \(store) is empty and becomes a run store")
      return
    }
    do { _ = try RunStore(reading: url) } catch {
      switch error.problem {
      case .notAFile, .noDatabase, .foreign, .newer, .damaged: throw error
      default: return
      }
    }
  }
}
