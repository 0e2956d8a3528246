import ArgumentParser
import Foundation
import LowRankRuns

/// Which run store a verb reads.
struct StoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The run store. (default: $LOWRANK_RUNS, or lowrank/runs.sqlite in $XDG_DATA_HOME or ~/.local/share)",
      valueName: "file"), completion: .store)
  var store: String?

  /// Where the store is.
  var url: URL {
    store.map { URL(filePath: $0) }
      ?? RunStore.standardLocation(ProcessInfo.processInfo.environment)
  }

  /// The store, which must exist; one of an older version is brought up to date first.
  ///
  /// - Throws: `RunStoreError`.
  func opened() throws -> RunStore {
    do {
      return try RunStore(reading: url)
    } catch  where error.problem == .older {
      return try RunStore(at: url)
    }
  }

  /// What to say where there is no store.
  var absence: String {
    "there is no file \(url.path) yet: a run store is the SQLite file to which every `lowrank train` adds one run"
  }

  /// The store, where there is one.
  ///
  /// - Throws: `RunStoreError`.
  func openedIfPresent() throws -> RunStore? {
    do {
      return try opened()
    } catch let error as RunStoreError where error.problem == .missing {
      return nil
    }
  }
}

extension RunStore {
  /// The run of a number.
  ///
  /// - Throws: `RunStoreError`, also where there is none.
  func existing(_ id: Int64) throws -> Run {
    guard let run = try run(id) else { throw RunStoreError(url.path, .noRun(id)) }
    return run
  }
}
