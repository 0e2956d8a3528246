import ArgumentParser
import LowRankSessions

/// When a run evaluates, and on how many rows.
struct EvaluationOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Evaluate every n steps too. (default: only at the end)", valueName: "n"))
  var evalEvery: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Evaluate on at most n rows, chosen by --seed, the same each time. (default: all)",
      valueName: "n"))
  var evalRows: Int?

  /// Writes what these flags say into the settings of a run.
  func fill(_ settings: inout RunSettings) {
    (settings.evalEvery, settings.evalRows) = (evalEvery, evalRows)
  }
}
