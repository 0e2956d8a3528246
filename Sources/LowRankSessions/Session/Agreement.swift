import LowRank

/// A process of a run was given something else than process 0.
struct Disagreement: KeyedError {
  let text: KeyedText
}

extension RunSettings {
  /// Refuses to go on where another process was given something else than process 0.
  ///
  /// - Parameter identity: what makes the run the run it is, also by an adapter to begin with.
  /// - Throws: `Disagreement`, and what the reducer throws.
  func agree(
    _ task: any RunTask, _ rows: any TrainingSet, _ identity: JSONObject, _ reducer: any Reducer
  ) throws {
    guard reducer.world > 1 else { return }
    let facts = facts(of: task, rows, identity)
    var bytes = JSONValue.object(facts).bytes()
    try reducer.broadcast(&bytes)
    let first = try JSONValue(parsing: bytes).object ?? [:]
    guard let difference = facts.differences(from: first).first else { return }
    let name = difference.path.last ?? ""
    let what: KeyedText = RunKey(rawValue: name).map { "\($0)" } ?? KeyedText(name)
    throw Disagreement(
      text:
        "\(what) is \(difference.now.text()) here, \(difference.before.text()) in rank 0: give every host the same files and flags"
    )
  }

  /// What has to be the same in every process of a run, under names that people know.
  private func facts(
    of task: any RunTask, _ rows: any TrainingSet, _ identity: JSONObject
  ) -> JSONObject {
    var facts: JSONObject = ["lowrank": .string(AdapterFacts.version)]
    for (key, value) in everything.entries { facts[key] = value }
    facts["rows"] = .string(Self.sentence(rows))
    facts["validation rows"] = task.validation.map { .string(Self.sentence($0)) } ?? .null
    facts["config.json"] = .object(task.base.config.object)
    facts["identity"] = .object(identity)
    return facts
  }

  /// Where rows are from, how many there are, and what tells them from others.
  private static func sentence(_ rows: any TrainingSet) -> String {
    "\(rows.source), \(rows.count) of hash \(rows.fingerprint.prefix(8))"
  }
}
