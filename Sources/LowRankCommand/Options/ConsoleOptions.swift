import ArgumentParser
import LowRankConsole

/// The flags of every verb that say how much is written to standard error, and in which colors.
struct ConsoleOptions: ParsableArguments {
  @Flag(
    help:
      "Show no progress and no notes; warnings, errors and standard output remain. The result of train and pretrain is on standard output only with --json."
  )
  var quiet = false

  @Option(
    help: ArgumentHelp(
      "When messages have colors: auto (on a terminal, unless NO_COLOR is set), always or never.",
      valueName: "when"), completion: .list(ColorChoice.allCases.map(\.rawValue)))
  var color: String = "auto"

  /// Takes effect when the arguments are parsed, before the verb runs.
  func validate() {
    if quiet { Voice.beQuiet() }
  }
}
