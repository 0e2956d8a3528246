import LowRank

extension Train {
  /// What has to be the same in every process of a run, under names that people know.
  func facts(of task: any TaskRun, _ rows: any TrainingSet, _ settings: JSONObject) -> JSONObject {
    var facts: JSONObject = ["lowrank": .string(LowRankCommand.version)]
    for (name, values) in Self.flags { facts[name] = .string(values) }
    facts["rows"] = .string(Self.sentence(rows))
    facts["validation rows"] = task.validation.map { .string(Self.sentence($0)) } ?? .null
    facts["config.json"] = .object(task.base.config.object)
    // What a run file or the adapter to begin with says.
    facts["settings"] = .object(settings)
    facts["eval_every"] = runOptions.evalEvery.map { .integer($0) } ?? .null
    facts["save_every"] = runOptions.saveEvery.map { .integer($0) } ?? .null
    facts["dry_run"] = .bool(planOptions.dryRun)
    return facts
  }

  /// Where rows are from, how many there are, and what tells them from others.
  private static func sentence(_ rows: any TrainingSet) -> String {
    "\(rows.source), \(rows.count) of hash \(rows.fingerprint.prefix(8))"
  }

  /// The flags with what follows each.
  private static var flags: [(name: String, values: String)] {
    var flags: [(name: String, values: [String])] = []
    for argument in CommandLine.arguments.dropFirst(2) {
      if argument.hasPrefix("-") || flags.isEmpty {
        flags.append((argument, []))
      } else {
        flags[flags.count - 1].values.append(argument)
      }
    }
    return flags.map { ($0.name, $0.values.joined(separator: " ")) }
  }
}
