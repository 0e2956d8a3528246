import LowRank
import LowRankSessions
import Yams

extension JSONValue {
  /// A value of YAML; numbers may be written as `1e-3`.
  ///
  /// - Parameter place: where it stands, for messages.
  /// - Throws: `SettingsError` for an alias, and for a key that is no text.
  init(_ node: Node, at place: String) throws {
    switch node {
    case .scalar(let scalar):
      self = scalar.style == .plain ? Self.plain(node, scalar.string) : .string(scalar.string)
    case .sequence(let items):
      self = .array(
        try items.enumerated().map { try JSONValue($0.element, at: "\(place)[\($0.offset)]") })
    case .mapping(let pairs):
      var object = JSONObject()
      for (key, value) in pairs {
        guard let name = key.scalar?.string else {
          throw SettingsError("\(place) has a key that is no text")
        }
        object[name] = try JSONValue(value, at: "\(place).\(name)")
      }
      self = .object(object)
    case .alias: throw SettingsError("\(place) is an alias, expected the value itself")
    }
  }

  /// A scalar without quotes.
  private static func plain(_ node: Node, _ text: String) -> JSONValue {
    if node.null != nil { return .null }
    if let whole = Int(text) { return .integer(whole) }
    let begins = text.first.map { $0.isNumber || "+-.".contains($0) } ?? false
    if begins, let number = Double(text), number.isFinite { return .double(number) }
    if let flag = node.bool { return .bool(flag) }
    return .string(text)
  }
}
