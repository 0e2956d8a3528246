import ArgumentParser
import Foundation
import LowRank

/// The flags that say what a run may take, and what it would.
struct PlanOptions: ParsableArguments {
  @Flag(
    help:
      "Keep only each block's input and compute the block again for its derivative: less memory, more time, the same numbers."
  )
  var gradCheckpointing = false

  @Flag(
    help:
      "Put short rows together into packs of --max-seq-length tokens, blind to each other; a batch is then --batch-size packs."
  )
  var packing = false

  @Option(
    help: ArgumentHelp(
      "The most memory that the process may hold, as 900MB or 2GB: fewer rows are computed at once where all of a batch would take more, and a limit that cannot be kept is refused with the least that can. (default: no limit)",
      valueName: "size"))
  var memoryLimit: String?

  @Option(
    help: ArgumentHelp(
      "The memory for statistics of data that --init needs, as 500MB: modules are taken in groups, with a pass over the batches for each. (default: a quarter of what is free)",
      valueName: "size"))
  var statisticsMemory: String?

  @Flag(
    help: "Only print what the run would take: parameters, memory by part, steps and time.")
  var dryRun = false

  /// The limit in bytes.
  var limit: Int? {
    get throws { try Self.bytes(memoryLimit, of: "--memory-limit") }
  }

  /// The bytes for the statistics of a group of modules.
  var statisticsBudget: Int {
    get throws {
      if let given = try Self.bytes(statisticsMemory, of: "--statistics-memory") { return given }
      let free = try limit.map { max(0, $0 - ProcessMemory.current) } ?? FreeMemory.bytes
      return min(free, FreeMemory.bytes) / 4
    }
  }

  private static func bytes(_ text: String?, of flag: String) throws -> Int? {
    guard let text else { return nil }
    guard let bytes = ByteCount(text)?.bytes, bytes >= 1_000_000 else {
      throw UsageError(
        "\(flag) is \"\(text)\", expected a size of at least 1MB, as 900MB or 2GB")
    }
    return bytes
  }
}
