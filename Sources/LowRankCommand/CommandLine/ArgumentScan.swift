import ArgumentParser
import LowRankCheckpoints
import LowRankConsole
import LowRankSessions

/// Reads the flags of one verb from left to right.
struct ArgumentScan {
  private let grammar: VerbGrammar
  private let words: [String]
  /// The flags of the command line that may be given once.
  private var used: Set<String> = []

  /// - Parameter words: the program's name and the verb's, for errors.
  init(_ verb: any ParsableCommand.Type, words: [String]) throws {
    grammar = try VerbGrammar(of: verb)
    self.words = words
  }

  /// The flags that take values between commas, so that a second value belongs to the first.
  private static let lists: Set = [
    "--target", "--exclude", "--layers", "--rank-pattern", "--alpha-pattern", "--modules-to-save",
    "--trainable-tokens", "--no-decay", "--adam-betas", "--allow", "--ids", "--metrics", "--ranks",
  ]

  /// The arguments with every flag under its own name.
  ///
  /// - Throws: `UsageError`.
  mutating func flags(in arguments: ArraySlice<String>) throws -> [String] {
    var rest = arguments
    used = Set(
      arguments.compactMap { argument in
        let name = argument.split(separator: "=", maxSplits: 1).first.map(String.init) ?? ""
        return grammar.flag(named: name).flatMap { $0.repeats ? nil : $0.name }
      })
    var result: [String] = []
    var given: [String: String] = [:]
    // The flag whose value was read last, and the flag that takes all words that follow.
    var last: (flag: VerbGrammar.Flag, value: String)?
    var taking = false
    var arguments = 0
    while let argument = rest.popFirst() {
      if argument == "--" { return result + [argument] + rest }
      guard argument.hasPrefix("-"), argument.count > 1 else {
        arguments += taking ? 0 : 1
        if let limit = grammar.argumentCount, arguments > limit { throw stray(argument, last) }
        result.append(argument)
        continue
      }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let flag = try flag(named: name, in: argument) else {
        // A value that is joined to its short flag, as -cFILE.
        result.append(argument)
        continue
      }
      (last, taking) = (nil, false)
      var value = parts.count > 1 ? String(parts[1]) : nil
      let own = grammar.flags[name] == nil ? flag.name : name
      result.append(value.map { "\(own)=\($0)" } ?? own)
      switch flag.value {
      case .none: continue
      case .several: taking = value == nil
      case .one(let isUnconditional):
        if value == nil, let next = rest.first,
          isUnconditional || !next.hasPrefix("-") || next == "-"
        {
          value = next
          result.append(next)
          rest = rest.dropFirst()
        }
        guard let value else { continue }
        last = (flag, value)
        guard !flag.repeats, let before = given.updateValue(value, forKey: flag.name) else {
          continue
        }
        throw UsageError(
          before == value
            ? "\(flag.name) \(value) is given twice; give it once"
            : "\(flag.name) is given twice, as \(before) and as \(value); give one of them")
      }
    }
    return result
  }

  /// The flag of a name; nil for a short flag that is joined to its value.
  private func flag(named name: String, in argument: String) throws -> VerbGrammar.Flag? {
    if let flag = grammar.flag(named: name) { return flag }
    let short = String(argument.prefix(2))
    if !argument.hasPrefix("--"), argument.count > 2, grammar.flags[short] != nil { return nil }
    let verb = words.joined(separator: " ")
    let plain = name.replacing("_", with: "-")
    if let reason = FlagAliases.reason(against: plain) {
      throw UsageError("\(verb) has no flag \(name); \(reason)")
    }
    if let advice = FlagAliases.advice(for: plain) {
      throw UsageError("\(verb) has no flag \(name); did you mean \(advice)?")
    }
    let names = grammar.flags.keys.filter { $0.hasPrefix("--") }.map { String($0.dropFirst(2)) }
    let wanted = String(name.drop { $0 == "-" })
    let hint =
      nearestName(to: wanted, among: names.sorted()).map { name in
        used.contains("--\(name)")
          ? "--\(name), which is close, is given already" : "did you mean --\(name)?"
      } ?? "\(verb) --help lists its flags"
    throw UsageError("\(verb) has no flag \(name); \(hint)")
  }

  /// The error about a word that is neither a flag, nor the value of one, nor an argument that the verb takes.
  private func stray(_ word: String, _ last: (flag: VerbGrammar.Flag, value: String)?) -> UsageError
  {
    if let last, Self.lists.contains(last.flag.name) {
      return UsageError(
        "\(last.flag.name) takes one value; put several between commas, as \(last.flag.name) \(last.value),\(word)"
      )
    }
    let number = grammar.argumentCount ?? 0
    let taken = number == 0 ? "no arguments" : counted(number, "argument")
    let isPrompt = last?.flag.name != "--prompt" && grammar.flags["--prompt"] != nil
    return UsageError(
      "\(words.joined(separator: " ")) takes \(taken) besides flags, found \"\(word)\" too; "
        + (isPrompt
          ? "give a prompt with --prompt, in quotes" : "put a value with spaces between quotes"))
  }
}
