import ArgumentParser

/// The flags at the end of a verb: what it prints, and how.
struct ResultOptions: ParsableArguments {
  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  @OptionGroup var console: ConsoleOptions
}
