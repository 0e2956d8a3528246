import ArgumentParser
import LowRank

/// The flags and positional arguments that a verb accepts, as its parser describes them.
struct VerbGrammar {
  /// What follows a flag.
  enum Value {
    /// Nothing: the flag is on or off.
    case none
    /// One value, which may begin with a dash if `isUnconditional`.
    case one(isUnconditional: Bool)
    /// All words up to the next flag.
    case several
  }

  struct Flag {
    /// The name under which errors and help mention the flag.
    let name: String
    let value: Value
    /// Whether the flag may be given more than once.
    let repeats: Bool
  }

  /// The flags by each of their names, dashes included.
  let flags: [String: Flag]
  /// How many arguments the verb takes that are no flags; nil for any number.
  let argumentCount: Int?

  /// The grammar of a verb.
  ///
  /// - Throws: `JSONError` if the parser's description cannot be read.
  init(of verb: any ParsableCommand.Type) throws {
    let description = try JSONValue(parsing: verb._dumpHelp(), from: "the parser's description")
    let arguments = description.object?["command"]?.object?["arguments"]?.array ?? []
    var flags: [String: Flag] = [:]
    var argumentCount: Int? = 0
    for argument in arguments.compactMap(\.object) {
      let names = (argument["names"]?.array ?? []).compactMap { name -> String? in
        guard let text = name.object?["name"]?.string else { return nil }
        return (name.object?["kind"]?.string == "long" ? "--" : "-") + text
      }
      guard let name = names.first(where: { $0.hasPrefix("--") }) ?? names.first else {
        let isLast = argument["isRepeating"]?.bool ?? false
        argumentCount = isLast ? nil : argumentCount.map { $0 + 1 }
        continue
      }
      let repeats = argument["isRepeating"]?.bool ?? false
      let value: Value =
        switch (argument["kind"]?.string, argument["parsingStrategy"]?.string) {
        case ("flag", _): .none
        case (_, "upToNextOption"): .several
        case (_, let strategy): .one(isUnconditional: strategy == "unconditional")
        }
      let flag = Flag(name: name, value: value, repeats: repeats)
      for name in names { flags[name] = flag }
    }
    for name in ["--help", "-h", "--version", "--help-hidden", "--experimental-dump-help"]
    where flags[name] == nil {
      flags[name] = Flag(name: name, value: .none, repeats: true)
    }
    let scripts = "--generate-completion-script"
    flags[scripts] = Flag(name: scripts, value: .one(isUnconditional: false), repeats: false)
    self.flags = flags
    self.argumentCount = argumentCount
  }

  /// The flag of a name: as it is, with dashes for underscores, or by an alias; nil if there is none.
  func flag(named name: String) -> Flag? {
    if let flag = flags[name] { return flag }
    let plain = name.hasPrefix("--") ? "--" + name.dropFirst(2).replacing("_", with: "-") : name
    if let flag = flags[plain] { return flag }
    return FlagAliases.names(for: plain).lazy.compactMap { flags[$0] }.first
  }
}
