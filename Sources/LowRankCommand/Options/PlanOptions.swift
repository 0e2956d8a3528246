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

  @Flag(
    help: "Only print what the run would take: parameters, memory by part, steps and time.")
  var dryRun = false

  /// The limit in bytes.
  var limit: Int? {
    get throws {
      guard let memoryLimit else { return nil }
      guard let bytes = ByteCount(memoryLimit)?.bytes, bytes >= 1_000_000 else {
        throw UsageError(
          "--memory-limit is \"\(memoryLimit)\", expected a size of at least 1MB, as 900MB or 2GB")
      }
      return bytes
    }
  }
}
