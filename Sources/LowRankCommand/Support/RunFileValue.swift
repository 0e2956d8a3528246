import ArgumentParser
import LowRank
import LowRankConsole
import LowRankSessions
import Yams

/// One value of a run's file.
///
/// Scalars keep the text they were written with, so `1e-5` is a number; `no` and its like are taken for no text.
struct RunFileValue {
  private let value: Node
  private let key: String
  private let path: String

  /// The value of a key in a file.
  init(_ value: Node, of key: String, in path: String) {
    self.value = value
    self.key = key
    self.path = path
  }

  /// The value as JSON, as the settings of a run take it; null where nothing is said.
  ///
  /// - Throws: `UsageError` where the setting takes something else.
  func json(for setting: RunKey) throws -> JSONValue {
    if setting == .addTokens { return try optionalList() }
    let kind = RunSettings.kinds[setting] ?? .text
    switch value {
    case .scalar(let scalar):
      if isNull(value) { return .null }
      switch kind {
      case .toggle:
        guard let isOn = plainBool(value) else { throw mismatch(kind.rawValue) }
        return .bool(isOn)
      case .wholeNumber:
        guard let number = Int(scalar.string) else { throw mismatch(kind.rawValue) }
        return .integer(number)
      case .number:
        guard let number = Double(scalar.string), number.isFinite else {
          throw mismatch(kind.rawValue)
        }
        return .double(number)
      case .text:
        guard plainBool(value) == nil else { throw mismatch("text; put it between quotes") }
        // The one list of words that may be written as a text.
        return setting == .allow
          ? .array(scalar.string.split(separator: ",").map { .string(String($0)) })
          : .string(scalar.string)
      }
    case .sequence(let items):
      // Names of columns may hold commas.
      if setting == .textColumn || setting == .allow {
        return .array(try items.map { .string(try item($0)) })
      }
      guard Self.lists.contains(setting) else { throw mismatch(kind.rawValue) }
      return .string(try items.map(item).joined(separator: ","))
    case .mapping(let pairs) where MethodAxis.allCases.contains(where: { $0.key == setting }):
      return .string(try choice(of: pairs))
    case .mapping(let pairs):
      guard Self.tables.contains(setting) else { throw mismatch(kind.rawValue) }
      return .string(try pairs.map(entry).joined(separator: ","))
    case .alias:
      throw UsageError("\(path): \"\(key)\" is an alias, expected the value itself")
    }
  }

  /// The arguments that say the same for a flag that is no setting of a run: a switch, or a text.
  ///
  /// - Throws: `UsageError` where the flag takes something else.
  func arguments(for flag: String) throws -> [String] {
    if isNull(value) { return [] }
    guard flag == "--json" || flag == "--quiet" else {
      guard let text = value.scalar?.string, plainBool(value) == nil else {
        throw mismatch("text; put it between quotes")
      }
      return ["\(flag)=\(text)"]
    }
    guard let isOn = plainBool(value) else { throw mismatch(SettingKind.toggle.rawValue) }
    return isOn ? [flag] : []
  }

  /// The value of a setting that is a switch or takes a list: true, or names.
  private func optionalList() throws -> JSONValue {
    switch value {
    case .scalar(let scalar):
      if isNull(value) { return .null }
      if let isOn = plainBool(value) { return isOn ? "" : .null }
      return .string(scalar.string)
    case .sequence(let items): return .string(try items.map(item).joined(separator: ","))
    default: throw mismatch("true, or a list of tokens")
    }
  }

  /// The settings that take several values.
  private static let lists: Set<RunKey> = [
    .target, .exclude, .layers, .modulesToSave, .adamBetas, .noDecay, .trainableTokens,
  ]
  /// The settings that take values by name.
  private static let tables: Set<RunKey> = [.rankPattern, .alphaPattern]

  /// `{name: hira, dropout: 0.1}` as `hira:dropout=0.1`.
  private func choice(of pairs: Node.Mapping) throws -> String {
    var (choice, options): (String?, [String]) = (nil, [])
    for (key, value) in pairs {
      guard let name = key.scalar?.string else {
        throw mismatch("a name, or a mapping of a name and options")
      }
      guard let text = value.scalar?.string, !isNull(value) else {
        throw UsageError(
          "\(path): \(name) of \"\(self.key)\" is \(phrase(value)), expected one value")
      }
      if name == "name" { choice = text } else { options.append("\(name)=\(text)") }
    }
    guard let choice else { throw mismatch("a mapping with a name") }
    guard options.isEmpty || !choice.contains(":") else {
      throw UsageError(
        "\(path): the name of \"\(key)\" is \(choice), expected \(choice.prefix { $0 != ":" }), with all options beside it"
      )
    }
    return options.isEmpty ? choice : choice + ":" + options.joined(separator: ",")
  }

  private func item(_ item: Node) throws -> String {
    guard let scalar = item.scalar, !isNull(item), plainBool(item) == nil else {
      throw UsageError(
        "\(path): \"\(key)\" holds \(phrase(item)), expected a list of names or numbers")
    }
    return scalar.string
  }

  private func entry(_ name: Node, _ value: Node) throws -> String {
    guard let name = name.scalar?.string, let number = value.scalar?.string, Double(number) != nil
    else {
      throw UsageError(
        "\(path): \"\(key)\" has \(phrase(value)) for \(phrase(name)), expected a number for a name"
      )
    }
    return "\(name)=\(number)"
  }

  private func mismatch(_ expected: String) -> UsageError {
    UsageError("\(path): \"\(key)\" is \(phrase(value)), expected \(expected)")
  }

  private func phrase(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar):
      isNull(node) ? "null" : scalar.style == .plain ? scalar.string : "\"\(scalar.string)\""
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }

  private func isNull(_ node: Node) -> Bool { node.scalar?.style == .plain && node.null != nil }

  private func plainBool(_ node: Node) -> Bool? {
    node.scalar?.style == .plain ? node.bool : nil
  }
}
