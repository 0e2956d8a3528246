import Foundation
import LowRank

/// What `--threads` asks for.
enum Threads {
  /// The engine, on at most as many threads as there are cores; of several processes on a host each takes its share.
  ///
  /// - Throws: `UsageError` for less than one.
  static func engine(_ threads: Int?) throws -> CPUEngine {
    guard let threads else {
      return Processes.cores.map { CPUEngine(threads: $0) } ?? CPUEngine()
    }
    guard threads > 0 else { throw UsageError("--threads is \(threads), expected at least 1") }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    if threads > cores {
      Console.write(
        "note: --threads is \(threads), the machine has \(cores) cores: \(cores) are used")
    }
    return CPUEngine(threads: min(threads, cores))
  }
}
