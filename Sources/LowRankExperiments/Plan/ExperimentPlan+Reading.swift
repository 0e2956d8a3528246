import LowRank
import LowRankSessions

extension ExperimentPlan {
  private static let keys = [
    "base", "vary", "baseline", "combinations", "budget", "metrics", "held_out", "rows",
    "forgetting", "halving",
  ]

  /// What a plan decides itself, so that `base` and `vary` have no say in it.
  private static let managed: [RunKey] = [
    .output, .resume, .overwrite, .dryRun, .compressAfter, .tensorboard,
  ]

  /// Reads a plan.
  ///
  /// - Throws: `FileError`, and `SettingsError` with the file, the key, and what was expected.
  public init(at path: String) throws {
    try self.init(PlanFile.object(at: path), named: path)
  }

  /// A plan out of JSON.
  ///
  /// - Parameter name: what messages call it.
  /// - Throws: `SettingsError`.
  public init(_ object: JSONObject, named name: String) throws {
    for key in object.keys where !Self.keys.contains(key) {
      // A key of a run.
      if let setting = RunKey(rawValue: key), !Self.managed.contains(setting) {
        throw SettingsError("\(name): unknown key \"\(key)\"; put it under base:")
      }
      throw SettingsError(
        "\(name): unknown key \"\(key)\"\(suggestion(for: key, among: Self.keys))")
    }
    func part(_ key: String) throws -> JSONObject {
      guard let value = object[key], value != .null else { return [:] }
      guard let found = value.object else {
        throw SettingsError("\(name): \(key) is \(value.kind), expected keys with values")
      }
      return found
    }
    base = try Self.base(part("base"), name)
    let vary = try Self.lists(part("vary"), name)
    for (key, _) in vary where base[key.rawValue] != nil {
      throw SettingsError("\(name): base and vary both have \(key.rawValue); keep one")
    }
    if base[RunKey.objective.rawValue] != nil || vary.contains(where: { $0.key == .objective }) {
      throw SettingsError(
        "\(name): \(.objective) cannot be in a plan: held-out rows are measured by the loss of texts or labels"
      )
    }
    rates = try Self.rates(vary, base, name)
    seeds = try Self.seeds(vary, base, name)
    axes = vary.filter { $0.key != .learningRate && $0.key != .seed }
    baseline = try Self.baseline(part("baseline"), axes, name)
    if let value = object["combinations"], value != .null {
      guard let found = value.string.flatMap(Combinations.init) else {
        throw SettingsError(
          "\(name): combinations is \(value.text()), expected all or one_at_a_time")
      }
      combinations = found
    }
    budget = try ExperimentBudget(part("budget"), base: base, axes: axes.map(\.key), name)
    metrics = [.loss]
    heldOut = try object["held_out"].flatMap { try HeldOutRows($0, name) }
    rows = try Rows(part("rows"), name)
    forgetting = try Self.text(object["forgetting"], "forgetting", name)
    halving = try RateHalving(object["halving"], rates: rates.count, name)
    metrics = try Self.metrics(object["metrics"], for: PlanFile.naming(name) { try task }, name)
    if let forgetting, try task != .causal {
      throw SettingsError(
        "\(name): forgetting \(forgetting) is for task causal, whose loss other texts have too")
    }
  }

  private static func base(_ given: JSONObject, _ name: String) throws -> JSONObject {
    let managed = managed.map(\.rawValue)
    if let key = given.keys.first(where: { managed.contains($0) }) {
      throw SettingsError("\(name): base has \(key), which the experiment decides itself")
    }
    let base = JSONObject(given.entries.map { ($0.key, normal($0.value, of: $0.key)) })
    _ = try PlanFile.naming("\(name): base") { try RunSettings(json: base) }
    return base
  }

  /// The values of each varied key, none of which occurs twice.
  private static func lists(
    _ given: JSONObject, _ name: String
  ) throws -> [(key: RunKey, values: [JSONValue])] {
    let known = RunKey.allCases.filter { !managed.contains($0) }.map(\.rawValue)
    return try given.entries.map { text, value in
      guard known.contains(text), let key = RunKey(rawValue: text) else {
        throw SettingsError(
          "\(name): vary has the unknown key \"\(text)\"\(suggestion(for: text, among: known))")
      }
      guard let items = value.array else {
        throw SettingsError("\(name): vary.\(text) is \(value.kind), expected a list of values")
      }
      guard !items.isEmpty else {
        throw SettingsError(
          "\(name): vary.\(text) is an empty list; give one value or more, or leave the key out")
      }
      let values = items.map { normal($0, of: text) }
      for (index, value) in values.enumerated() {
        _ = try PlanFile.naming("\(name): vary") { try RunSettings(json: [text: value]) }
        guard !values[..<index].contains(value) else {
          throw SettingsError("\(name): vary.\(text) has \(Variant.text(value)) twice")
        }
      }
      return (key, values)
    }
  }

  /// `{name: hira, dropout: 0.1}` and `hira:dropout=0.1` as one value; others as they are.
  private static func normal(_ value: JSONValue, of key: String) -> JSONValue {
    guard let axis = MethodAxis.allCases.first(where: { $0.key.rawValue == key }) else {
      return value
    }
    if var options = value.object, options["options"] == nil, let name = options["name"] {
      options["name"] = nil
      return .object(["name": name, "options": .object(options)])
    }
    guard let text = value.string, let choice = try? MethodChoice(text, on: axis) else {
      return value
    }
    return .object(choice.json)
  }

  private static func rates(
    _ vary: [(key: RunKey, values: [JSONValue])], _ base: JSONObject, _ name: String
  ) throws -> [Double] {
    let values = vary.first { $0.key == .learningRate }?.values.compactMap(\.double)
    let rates = values ?? [base["learning_rate"]?.double ?? StepSettings().learningRate]
    guard rates.allSatisfy({ $0 > 0 }) else {
      throw SettingsError("\(name): vary.learning_rate has a rate of 0 or less")
    }
    return rates.sorted()
  }

  private static func seeds(
    _ vary: [(key: RunKey, values: [JSONValue])], _ base: JSONObject, _ name: String
  ) throws -> [Int] {
    vary.first { $0.key == .seed }?.values.compactMap(\.integer) ?? [base["seed"]?.integer ?? 0]
  }

  /// The baseline's value of each axis; by default the first.
  private static func baseline(
    _ given: JSONObject, _ axes: [(key: RunKey, values: [JSONValue])], _ name: String
  ) throws -> [RunKey: JSONValue] {
    var baseline: [RunKey: JSONValue] = [:]
    for (key, values) in axes { baseline[key] = values[0] }
    for (text, value) in given.entries {
      guard let axis = axes.first(where: { $0.key.rawValue == text }) else {
        let hint = suggestion(for: text, among: axes.map(\.key.rawValue))
        throw SettingsError("\(name): baseline has \"\(text)\", which is not varied\(hint)")
      }
      let value = normal(value, of: text)
      guard axis.values.contains(value) else {
        throw SettingsError(
          "\(name): baseline.\(text) is \(Variant.text(value)), expected one of \(axis.values.map(Variant.text).joined(separator: ", "))"
        )
      }
      baseline[axis.key] = value
    }
    return baseline
  }

  private static func metrics(
    _ given: JSONValue?, for task: TrainingTask, _ name: String
  ) throws -> [Metric] {
    guard let given, given != .null else { return [task.defaultMetric] }
    let known = [Metric.loss] + task.metrics
    let texts = given.string.map { [$0] } ?? given.array?.map { $0.string ?? "" } ?? []
    guard !texts.isEmpty else {
      throw SettingsError("\(name): metrics is \(given.kind), expected names of metrics")
    }
    return try texts.map { text in
      guard let metric = Metric(rawValue: text), known.contains(metric) else {
        throw SettingsError(
          "\(name): metrics has \"\(text)\", expected for \(task.rawValue) one of \(known.map(\.rawValue).joined(separator: ", "))\(suggestion(for: text, among: known.map(\.rawValue)))"
        )
      }
      return metric
    }
  }

  private static func text(_ value: JSONValue?, _ key: String, _ name: String) throws -> String? {
    guard let value, value != .null else { return nil }
    guard let text = value.string, !text.isEmpty else {
      throw SettingsError("\(name): \(key) is \(value.text()), expected a file or a folder")
    }
    return text
  }
}

extension ExperimentPlan.Rows {
  init(_ object: JSONObject, _ name: String) throws {
    for (key, value) in object.entries where value != .null {
      guard ["train", "valid", "test"].contains(key) else {
        throw SettingsError(
          "\(name): rows has the unknown key \"\(key)\", expected train, valid or test")
      }
      guard let count = value.integer, count > 0 else {
        throw SettingsError("\(name): rows.\(key) is \(value.text()), expected at least 1")
      }
      switch key {
      case "train": train = count
      case "valid": valid = count
      default: test = count
      }
    }
  }
}
