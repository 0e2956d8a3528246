import ArgumentParser
import LowRankCheckpoints
import LowRankConsole

/// The argument that the parser refuses: a flag without its value, or a value of another kind.
///
/// The parser's own errors take several lines and do not say what is expected.
enum Misfit {
  /// A sentence about the first argument that a verb does not take; nil if it takes each of them alone.
  static func error(in arguments: [String]) -> UsageError? {
    var rest = arguments[...]
    guard let verb = try? Arguments.verb(takenFrom: &rest),
      let grammar = try? VerbGrammar(of: verb)
    else { return nil }
    let words = arguments.prefix(arguments.count - rest.count)
    let path = (["lowrank"] + words).joined(separator: " ")
    var takesAll = false
    while let argument = rest.popFirst(), argument != "--" {
      guard argument.hasPrefix("-"), argument.count > 1 else {
        if !takesAll, let error = stray(argument, verb, path) { return error }
        continue
      }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let flag = grammar.flags[String(parts[0])] else { continue }
      takesAll = false
      var value = parts.count > 1 ? String(parts[1]) : nil
      switch flag.value {
      case .none:
        if let value { return UsageError("\(flag.name) takes no value, found \"\(value)\"") }
      case .several: takesAll = true
      case .one(let isUnconditional):
        if value == nil, let next = rest.first, isUnconditional || !next.hasPrefix("-") {
          value = rest.popFirst()
        }
        if let error = misfit(value, of: flag, verb) { return error }
      }
    }
    return nil
  }

  private static func misfit(
    _ value: String?, of flag: VerbGrammar.Flag, _ verb: any ParsableCommand.Type
  ) -> UsageError? {
    func takes(_ value: String) -> Bool { takesAlone(["\(flag.name)=\(value)"], verb) }
    guard let value else {
      guard !takesAlone([flag.name], verb) else { return nil }
      let kind = kind(takes).map { ", \($0)" } ?? ""
      return UsageError("\(flag.name) is given without its value\(kind)")
    }
    guard !takes(value), let kind = kind(takes) else { return nil }
    return UsageError("\(flag.name) is \"\(value)\", expected \(kind)")
  }

  /// The error about an argument that is no flag, if the verb takes numbers there.
  private static func stray(
    _ argument: String, _ verb: any ParsableCommand.Type, _ path: String
  ) -> UsageError? {
    func takes(_ value: String) -> Bool { takesAlone([value], verb) }
    guard !takes(argument), let kind = kind(takes) else { return nil }
    let isRun = path.hasPrefix("lowrank runs ")
    return UsageError(
      isRun
        ? "\(path) takes the number of a run, found \"\(argument)\"; lowrank runs lists them"
        : "\(path) takes \(kind), found \"\(argument)\"")
  }

  private static func takesAlone(_ arguments: [String], _ verb: any ParsableCommand.Type) -> Bool {
    (try? verb.parse(arguments)) != nil
  }

  /// What numbers are taken, in words; nil where any text is.
  private static func kind(_ takes: (String) -> Bool) -> String? {
    if takes("x") { return nil }
    if takes("0.5") { return "a number" }
    guard takes("1") else { return nil }
    return takes("-1") ? "a whole number" : "a whole number of 0 or more"
  }
}
