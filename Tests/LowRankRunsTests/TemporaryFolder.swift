import Foundation
import LowRankRuns

/// A folder that goes with the test.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appending(path: "lowrank-runs-\(UUID())")

  init() {
    try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The place of a store that is not there yet.
  var store: URL { url.appending(path: "runs.sqlite") }
}

extension RunFacts {
  /// Facts of some run.
  static func example(steps: Int = 10, continues: Int64? = nil) -> Self {
    RunFacts(
      adapter: "/adapters/a", task: "causal", base: "models/gpt2", baseFingerprint: "ab12",
      data: "data/names", dataHash: "cd34", configuration: #"{"rank":8}"#,
      versions: #"{"lowrank":"0.1.0"}"#, steps: steps, firstStep: 2, continues: continues)
  }
}
