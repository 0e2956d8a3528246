import ArgumentParser
import Foundation
import LowRank
import LowRankCheckpoints
import LowRankConsole

/// The words of the command line before they are parsed.
///
/// The parser reports an unknown word without the verb's own words in mind and lets the last of two values win; both are
/// checked here.
enum Arguments {
  /// The arguments with aliases replaced by the flags that they stand for.
  ///
  /// - Throws: `UsageError` for an unknown verb or flag, with the name that is close to it, and for a flag that takes one
  ///   value and is given two.
  static func checked(_ arguments: [String]) throws -> [String] {
    // The completion scripts call the program with words that are not finished.
    if arguments.first?.hasPrefix("---") == true { return arguments }
    if arguments.first == "help" {
      var rest = arguments.dropFirst()
      _ = try verb(takenFrom: &rest)
      return arguments
    }
    var rest = arguments[...]
    let verb = try verb(takenFrom: &rest)
    if arguments.first == "--version",
      let other = arguments.first(where: { !["--version", "--json"].contains($0) })
    {
      throw UsageError("--version goes with --json alone, found \"\(other)\"")
    }
    let words = Array(arguments.prefix(arguments.count - rest.count))
    var scan = try ArgumentScan(verb, words: ["lowrank"] + words)
    return words + (try scan.flags(in: rest))
  }

  /// The verb that the first arguments name; takes them away.
  ///
  /// - Throws: `UsageError` if the next word should be a verb and is none.
  static func verb(
    takenFrom rest: inout ArraySlice<String>
  ) throws -> any ParsableCommand.Type {
    var verb: any ParsableCommand.Type = LowRankCommand.self
    var path = "lowrank"
    while let word = rest.first, !word.hasPrefix("-") {
      let below = verb.configuration.subcommands
      guard !below.isEmpty else { return verb }
      if let next = below.first(where: { $0._commandName == word }) {
        (verb, path) = (next, path + " " + word)
        rest = rest.dropFirst()
        continue
      }
      let standard = verb.configuration.defaultSubcommand
      if let standard, try VerbGrammar(of: standard).argumentCount != 0 { return standard }
      throw UsageError(unknown(word, among: below, of: path))
    }
    return verb.configuration.defaultSubcommand ?? verb
  }

  /// The verbs that other tools have for what ours do.
  private static let others = [
    "infer": "generate", "inference": "generate",
    "finetune": "train", "fine-tune": "train", "sft": "train", "lora": "train",
    "resume": "train --resume",
    "fuse": "merge", "merge-lora": "merge", "download": "pull", "upload": "push", "ppl": "evaluate",
    "perplexity": "evaluate", "test": "evaluate", "prune": "compress", "preprocess": "data check",
    "validate": "data check", "classify": "predict", "benchmark": "bench", "info": "inspect",
    "show": "inspect",
  ]

  private static func unknown(
    _ word: String, among verbs: [any ParsableCommand.Type], of path: String
  ) -> String {
    let names = verbs.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
    let hint =
      if path == "lowrank", let meant = others[word.lowercased()] {
        "did you mean lowrank \(meant)?"
      } else if let name = nearestName(to: word, among: names) {
        "did you mean \(path) \(name)?"
      } else if Int(word) != nil, names.contains("show") {
        "did you mean \(path) show \(word)?"
      } else {
        "the verbs are \(names.joined(separator: ", "))"
      }
    return "\(path) has no verb \"\(word)\"; \(hint)"
  }
}
