import LowRank

/// What a setting takes, in words.
public enum SettingKind: String, Sendable {
  case toggle = "true or false"
  case wholeNumber = "a whole number"
  case number = "a number"
  case text = "text"
}

/// The type of a setting.
protocol SettingValue {
  /// What JSON holds for it.
  static var kind: SettingKind { get }
  /// The value in JSON; null where nothing is said.
  var inJSON: JSONValue { get }
  /// Reads a value of JSON; nil where it is of another kind.
  ///
  /// - Throws: `SettingsError` where it is of the kind, but makes no sense.
  static func read(_ json: JSONValue, of key: RunKey) throws -> Self?
}

extension Bool: SettingValue {
  static var kind: SettingKind { .toggle }
  var inJSON: JSONValue { .bool(self) }
  static func read(_ json: JSONValue, of key: RunKey) -> Bool? { json.bool }
}

extension Int: SettingValue {
  static var kind: SettingKind { .wholeNumber }
  var inJSON: JSONValue { .integer(self) }
  static func read(_ json: JSONValue, of key: RunKey) -> Int? { json.integer }
}

extension Double: SettingValue {
  static var kind: SettingKind { .number }
  var inJSON: JSONValue { .double(self) }
  static func read(_ json: JSONValue, of key: RunKey) -> Double? { json.double }
}

extension String: SettingValue {
  static var kind: SettingKind { .text }
  var inJSON: JSONValue { .string(self) }
  /// A text; a list or a mapping stands for its parts between commas.
  static func read(_ json: JSONValue, of key: RunKey) -> String? {
    func text(_ value: JSONValue) -> String? {
      value.string ?? value.double.map { _ in value.text() }
    }
    if let entries = json.object?.entries {
      let parts = entries.compactMap { entry in text(entry.value).map { "\(entry.key)=\($0)" } }
      return parts.count == entries.count ? parts.joined(separator: ",") : nil
    }
    guard let items = json.array else { return text(json) }
    let parts = items.compactMap(text)
    return parts.count == items.count ? parts.joined(separator: ",") : nil
  }
}

extension [String]: SettingValue {
  static var kind: SettingKind { .text }
  var inJSON: JSONValue { .array(map { .string($0) }) }
  static func read(_ json: JSONValue, of key: RunKey) -> [String]? {
    guard let items = json.array else { return json.string.map { [$0] } }
    let texts = items.compactMap { $0.string ?? $0.integer.map { String($0) } }
    return texts.count == items.count ? texts : nil
  }
}

extension MethodChoice: SettingValue {
  static var kind: SettingKind { .text }
  /// The name and the options.
  var inJSON: JSONValue { .object(json) }
  /// A choice of the axis that the key is of: `{"name": …, "options": …}`, or a text `NAME:option=value`.
  static func read(_ json: JSONValue, of key: RunKey) throws -> MethodChoice? {
    guard let axis = MethodAxis.allCases.first(where: { $0.key == key }),
      let text = json.string ?? MethodChoice(json)?.description
    else { return nil }
    return try MethodChoice(text, on: axis)
  }
}

extension Optional: SettingValue where Wrapped: SettingValue {
  static var kind: SettingKind { Wrapped.kind }
  var inJSON: JSONValue { self?.inJSON ?? .null }
  static func read(_ json: JSONValue, of key: RunKey) throws -> Wrapped?? {
    if json == .null { return .some(nil) }
    guard let value = try Wrapped.read(json, of: key) else { return nil }
    return .some(value)
  }
}

extension Set<LoadCheck>: SettingValue {
  static var kind: SettingKind { .text }
  var inJSON: JSONValue { .array(map(\.rawValue).sorted().map { .string($0) }) }
  static func read(_ json: JSONValue, of key: RunKey) throws -> Set<LoadCheck>? {
    guard let names = [String].read(json, of: key) else { return nil }
    return Set(
      try names.map { name in
        guard let check = LoadCheck(rawValue: name) else {
          throw SettingsError.value(name, of: key, expected: LoadCheck.allCases.map(\.rawValue))
        }
        return check
      })
  }
}
