import ArgumentParser
import Foundation
import LowRank
import LowRankSessions

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
    parsing: .unconditional,
    help: ArgumentHelp(
      "The most memory that the process may hold, as 900MB or 2GB: fewer rows are computed at once where all of a batch would take more, and a limit that cannot be kept is refused with the least that can. (default: no limit)",
      valueName: "size"))
  var memoryLimit: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The memory for statistics of data that --init needs, as 500MB: modules are taken in groups, with a pass over the batches for each. (default: a quarter of what is free)",
      valueName: "size"))
  var statisticsMemory: String?

  @Flag(
    help: "Only print what the run would take: parameters, memory by part, steps and time.")
  var dryRun = false

  /// What these flags say.
  var settings: PlanSettings {
    var settings = PlanSettings()
    (settings.gradCheckpointing, settings.packing) = (gradCheckpointing, packing)
    (settings.memoryLimit, settings.statisticsMemory) = (memoryLimit, statisticsMemory)
    settings.dryRun = dryRun
    return settings
  }
}
