import Foundation
import LowRank

/// The threads of a computation.
package enum Threads {
  /// The engine, on at most as many threads as there are cores; of several processes on a host each takes its share.
  ///
  /// - Throws: `SettingsError` for less than one.
  package static func engine(_ threads: Int?) throws -> CPUEngine {
    guard let threads else {
      return Surroundings.current.cores().map { CPUEngine(threads: $0) } ?? CPUEngine()
    }
    guard threads > 0 else { throw SettingsError("\(.threads) is \(threads), expected at least 1") }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    if threads > cores {
      Remarks.note(
        "\(.threads) is \(threads), the machine has \(cores) cores: \(cores) are used")
    }
    return CPUEngine(threads: min(threads, cores))
  }
}
