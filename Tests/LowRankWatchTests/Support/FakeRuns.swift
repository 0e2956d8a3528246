import LowRankWatch
import Synchronization

/// Runs that a test makes up.
final class FakeRuns: RunSource {
  private struct State {
    var runs: [WatchedRun] = []
    var points: [String: [WatchedPoint]] = [:]
    var reads = 0
  }

  private let state = Mutex(State())

  init(_ runs: [WatchedRun] = []) { state.withLock { $0.runs = runs } }

  /// How many points were handed out.
  var reads: Int { state.withLock { $0.reads } }

  func set(_ run: WatchedRun) {
    state.withLock { state in
      state.runs.removeAll { $0.id == run.id }
      state.runs.insert(run, at: 0)
    }
  }

  /// Adds a value to the end of a run.
  func add(_ metric: MetricName, _ value: Double, step: Int, to id: String) {
    state.withLock { state in
      let place = Int64(state.points[id, default: []].count + 1)
      state.points[id, default: []].append(
        WatchedPoint(
          place: place, step: step, time: 1000 + Double(step), metric: metric, value: value))
    }
  }

  func runs() -> [WatchedRun] { state.withLock { $0.runs } }

  func run(_ id: String) -> WatchedRun? { runs().first { $0.id == id } }

  func points(of id: String, after place: Int64, limit: Int) -> [WatchedPoint] {
    state.withLock { state in
      let found = state.points[id, default: []].dropFirst(Int(place)).prefix(limit)
      state.reads += found.count
      return Array(found)
    }
  }
}

extension WatchedRun {
  static func example(
    _ id: String, _ outcome: Outcome = .running, message: String? = nil, steps: Int = 100
  ) -> WatchedRun {
    WatchedRun(
      id: id, name: "run \(id)", outcome: outcome, message: message, started: 1000, steps: steps)
  }
}
