import LowRank
import LowRankConsole
import LowRankKeys
import LowRankSessions

extension RunKey {
  /// The setting as a flag.
  var flag: String { Setting.flag(rawValue) }
}

extension Setting.Spelling {
  /// As flags of the verb that is running.
  static let ofVerb = Setting.Spelling { key in
    switch (CommandLine.arguments.dropFirst().first, key) {
    // It writes a model, and calls its folder as other verbs do.
    case ("pretrain", RunKey.output.rawValue): "--output"
    case ("advise", RunKey.memoryLimit.rawValue): "--memory"
    default: Setting.flag(key)
    }
  }
}

extension Console {
  /// Writes a remark for people.
  static func say(_ remark: Remark) {
    let prefix = remark.kind == .info ? "" : remark.kind.rawValue + ": "
    // Names out of files may hold what steers a terminal.
    let line = (prefix + "\(remark.text)").printable
    if remark.isImportant { insist(line) } else { write(line) }
  }

  /// Writes a result as one JSON object, with the precision where a model was opened.
  static func result(_ object: JSONObject) throws {
    var object = object
    for (key, value) in PrecisionChoice.json.entries where object[key] == nil {
      object[key] = value
    }
    try result(JSONValue.object(object).text())
  }
}

extension Surroundings {
  /// What the program provides around the work of its verbs.
  static let ofProgram = Surroundings(
    hear: { Console.say($0) }, isStopping: { Interruption.isRequested },
    watch: { isBeginning in
      if isBeginning {
        Interruption.watch(isPatient: Processes.launch != nil)
      } else {
        Interruption.unwatch()
      }
    }, isBreakingOff: { Processes.isBreakingOff }, cores: { Processes.cores })
}
