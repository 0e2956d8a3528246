import ArgumentParser

/// The program as completion scripts see it.
///
/// The parser's scripts leave out the flags of a default verb, so `convert` has those of `convert ADAPTER` here.
struct CompletedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lowrank",
    subcommands: LowRankCommand.configuration.subcommands.map {
      $0 == Convert.self ? CompletedConvert.self : $0
    })

  /// What the program prints for a request of a shell: a script, or the words that may stand next; nil if the arguments
  /// request neither.
  static func answer(to arguments: [String]) -> String? {
    guard let first = arguments.first,
      first == "---completion" || first.hasPrefix("--generate-completion-script")
    else { return nil }
    do {
      _ = try parseAsRoot(arguments)
      return nil
    } catch {
      return exitCode(for: error) == .success ? fullMessage(for: error) : nil
    }
  }
}

/// `lowrank convert` with the flags of its default verb.
private struct CompletedConvert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: Convert.configuration.abstract)

  @OptionGroup var adapter: ConvertAdapter

  @Argument(completion: .yaml)
  var file: String?
}
