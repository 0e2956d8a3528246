import ArgumentParser

/// The flag of every verb that says how much is written to standard error.
struct ConsoleOptions: ParsableArguments {
  @Flag(help: "Show no progress and no notes; warnings and errors are still shown.")
  var quiet = false

  /// Takes effect when the arguments are parsed, before the verb runs.
  func validate() {
    if quiet { Console.beQuiet() }
  }
}
