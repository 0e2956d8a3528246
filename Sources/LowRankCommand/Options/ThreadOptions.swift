import ArgumentParser
import LowRank
import LowRankSessions

/// The flag that says how many threads compute.
struct ThreadOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The number of threads. (default: all cores)", valueName: "n"))
  var threads: Int?

  /// The engine asked for.
  ///
  /// - Throws: `SettingsError` for less than one thread.
  func engine() throws -> CPUEngine { try Threads.engine(threads) }

  /// Refuses less than one thread; notes more than there are cores.
  func check() throws { if threads != nil { _ = try engine() } }
}
