import ArgumentParser
import LowRank
import LowRankConsole
import LowRankSessions

/// The flags that train a compressed adapter further.
struct HealOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Train the pruned adapter for n more steps at its new ranks, on --heal-data; needs --model. Reported apart, since pruning itself sees no data.",
      valueName: "n"))
  var heal: Int?

  @Option(
    help: ArgumentHelp(
      "The rows of --heal: training rows, not those of --data. (default: the rows of --calibrate)",
      valueName: "path"), completion: .data)
  var healData: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The learning rate of --heal, which falls linearly to 0. (default: 2e-4)", valueName: "x"))
  var healLearningRate: Double?

  /// Refuses flags that make no sense or would have no effect, before anything is read.
  func check(model: String?, calibrate: String?, sweep: Bool) throws {
    guard let heal else {
      for (flag, isGiven) in [
        ("--heal-data", healData != nil), ("--heal-learning-rate", healLearningRate != nil),
      ] where isGiven { throw UsageError("\(flag) has no effect without --heal n") }
      return
    }
    try Bounds.check(heal, "--heal", to: Bounds.steps)
    guard !sweep else {
      throw UsageError("--heal has no effect with --sweep, which writes no adapter")
    }
    guard model != nil else { throw UsageError("--heal needs --model DIR, to train with") }
    guard healData ?? calibrate != nil else {
      throw UsageError("--heal needs --heal-data PATH, the rows to train on")
    }
    guard rate > 0, rate.isFinite else {
      throw UsageError("--heal-learning-rate is \(rate), expected a number above 0")
    }
  }

  /// The learning rate.
  var rate: Double { healLearningRate ?? 2e-4 }
}
