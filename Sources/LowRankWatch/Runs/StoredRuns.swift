import Foundation
import LowRankRuns
import Synchronization

/// The runs of a store, which need not be there yet.
package final class StoredRuns: RunSource {
  private let url: URL
  private let opened = Mutex<RunStore?>(nil)

  package init(at url: URL) { self.url = url }

  /// The store, once training has made it.
  private func store() throws -> RunStore? {
    try opened.withLock { store in
      do {
        if store == nil { store = try RunStore(reading: url) }
      } catch let error as RunStoreError where error.problem == .missing {
        return nil
      } catch let error as RunStoreError where error.problem == .older {
        store = try RunStore(at: url)
      }
      return store
    }
  }

  package func runs() throws -> [WatchedRun] {
    try store()?.runs().map(WatchedRun.init) ?? []
  }

  package func run(_ id: String) throws -> WatchedRun? {
    guard let number = Int64(id) else { return nil }
    return try store()?.run(number).map(WatchedRun.init)
  }

  package func points(of id: String, after place: Int64, limit: Int) throws -> [WatchedPoint] {
    guard let number = Int64(id), let store = try store() else { return [] }
    return try store.points(of: number, after: place, limit: limit).map { point in
      WatchedPoint(
        place: point.row, step: point.step, time: point.time.timeIntervalSince1970,
        metric: MetricName(point.name), value: point.value)
    }
  }
}

extension WatchedRun {
  init(_ run: Run) {
    let facts = run.facts
    let told = [
      Fact("Task", facts.task), Fact("Base", facts.base), Fact("Data", facts.data),
      Fact("Adapter", facts.adapter),
    ]
    let continued = facts.continues.map { [Fact("Continues", "run \($0)")] } ?? []
    self.init(
      id: String(run.id), name: URL(filePath: facts.adapter).lastPathComponent,
      outcome: Outcome(run.outcome), message: run.message,
      started: run.started.timeIntervalSince1970, ended: run.ended?.timeIntervalSince1970,
      first: facts.firstStep, steps: facts.steps,
      facts: told + continued + RunSetting.facts(facts.configuration))
  }
}

extension WatchedRun.Outcome {
  init(_ outcome: RunOutcome) {
    self =
      switch outcome {
      case .running: .running
      case .finished: .finished
      case .interrupted: .interrupted
      case .failed: .failed
      case .lost: .lost
      }
  }
}
