import LowRank

extension RunSettings {
  /// What each setting takes.
  public static let kinds: [RunKey: SettingKind] = {
    var (settings, lister) = (RunSettings(), KindLister())
    try? settings.visitAll(&lister)
    return lister.kinds
  }()

  /// The settings that differ from their defaults, by name.
  public var json: JSONObject {
    let standard = RunSettings().everything
    return JSONObject(
      everything.entries.filter { $0.value != standard[$0.key] }.map { ($0.key, $0.value) })
  }

  /// All settings by name; null for those of which nothing is said.
  package var everything: JSONObject {
    var (settings, writer) = (self, SettingsWriter())
    writer.json["subject"] = .string(subject.rawValue)
    try? settings.visitAll(&writer)
    return writer.json
  }

  /// What defines the run: all settings that say something, but for those about where it is written and seen.
  package var defining: JSONObject {
    let places: [RunKey] = [
      .output, .resume, .overwrite, .dryRun, .tensorboard, .store, .noStore,
    ]
    let without = Set(places.map(\.rawValue))
    return JSONObject(
      everything.entries.filter {
        $0.value != .null && $0.value != .array([]) && !without.contains($0.key)
      }.map { ($0.key, $0.value) })
  }

  /// Settings out of JSON; what is not named has its default.
  ///
  /// - Throws: `SettingsError` for a key that is none, with the one that is near, and for a value of another kind.
  public init(json: JSONObject) throws {
    self.init()
    var rest = json
    if let text = rest["subject"] {
      guard let subject = text.string.flatMap(Subject.init(rawValue:)) else {
        throw SettingsError("subject is \(text.text()), expected adapter or model")
      }
      self.subject = subject
      rest["subject"] = nil
    }
    for key in rest.keys where RunKey(rawValue: key).map({ Self.kinds[$0] == nil }) ?? true {
      let names = Self.kinds.keys.map(\.rawValue).sorted()
      throw SettingsError("unknown key \"\(key)\"\(suggestion(for: key, among: names))")
    }
    var reader = SettingsReader(json: rest)
    try visitAll(&reader)
  }
}

extension RunSettings {
  /// Takes over some settings as others have them.
  package mutating func take(_ keys: Set<RunKey>, from other: RunSettings) {
    var (other, giver) = (other, SettingsGiver(keys: keys))
    try? other.visitAll(&giver)
    var taker = SettingsTaker(values: giver.values)
    try? visitAll(&taker)
  }
}

extension RunSettings: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    try self.init(json: container.decode(CodableJSON.self).value.object ?? [:])
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(CodableJSON(value: .object(json)))
  }
}

private struct KindLister: SettingsVisitor {
  var kinds: [RunKey: SettingKind] = [:]

  mutating func visit<Value: SettingValue>(_ key: RunKey, _ value: inout Value) {
    kinds[key] = Value.kind
  }
}

private struct SettingsWriter: SettingsVisitor {
  var json: JSONObject = [:]

  mutating func visit<Value: SettingValue>(_ key: RunKey, _ value: inout Value) {
    json[key.rawValue] = value.inJSON
  }
}

private struct SettingsReader: SettingsVisitor {
  let json: JSONObject

  mutating func visit<Value: SettingValue>(_ key: RunKey, _ value: inout Value) throws {
    guard let found = json[key.rawValue] else { return }
    guard let read = try Value.read(found, of: key) else {
      throw SettingsError("\(key) is \(found.text()), expected \(Value.kind.rawValue)")
    }
    value = read
  }
}

private struct SettingsGiver: SettingsVisitor {
  let keys: Set<RunKey>
  var values: [RunKey: any SettingValue] = [:]

  mutating func visit<Value: SettingValue>(_ key: RunKey, _ value: inout Value) {
    if keys.contains(key) { values[key] = value }
  }
}

private struct SettingsTaker: SettingsVisitor {
  let values: [RunKey: any SettingValue]

  mutating func visit<Value: SettingValue>(_ key: RunKey, _ value: inout Value) {
    guard let given = values[key] else { return }
    if let given = given as? Value { value = given }
  }
}
