import ArgumentParser
import LowRank
import Yams

/// One value of a run's file, as the command line would have it.
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

  /// The arguments that say the same; none for null and for a switch that is off.
  ///
  /// - Throws: `UsageError` where the flag takes something else.
  func arguments(for flag: String) throws -> [String] {
    if flag == "--add-tokens" { return try optionalList(flag) }
    let kind = FlagKind(of: flag)
    switch value {
    case .scalar(let scalar):
      if isNull(value) { return [] }
      switch kind {
      case .toggle:
        guard let isOn = plainBool(value) else { throw mismatch(kind.rawValue) }
        return isOn ? [flag] : []
      case .wholeNumber:
        guard Int(scalar.string) != nil else { throw mismatch(kind.rawValue) }
      case .number:
        guard Double(scalar.string) != nil else { throw mismatch(kind.rawValue) }
      case .text:
        guard plainBool(value) == nil else { throw mismatch("text; put it between quotes") }
      }
      return join(flag, scalar.string)
    case .sequence(let items):
      // Names of columns may hold commas.
      if flag == "--text-column" { return try items.map { "\(flag)=\(try item($0))" } }
      guard Self.lists.contains(flag) else { throw mismatch(kind.rawValue) }
      return join(flag, try items.map(item).joined(separator: ","))
    case .mapping(let pairs) where Self.choices.contains(flag):
      return join(flag, try choice(of: pairs))
    case .mapping(let pairs):
      guard Self.tables.contains(flag) else { throw mismatch(kind.rawValue) }
      return join(flag, try pairs.map(entry).joined(separator: ","))
    case .alias:
      throw UsageError("\(path): \"\(key)\" is an alias, expected the value itself")
    }
  }

  /// A flag that is a switch or takes a list: true, or names.
  private func optionalList(_ flag: String) throws -> [String] {
    switch value {
    case .scalar(let scalar):
      if isNull(value) { return [] }
      if let isOn = plainBool(value) { return isOn ? [flag] : [] }
      return join(flag, scalar.string)
    case .sequence(let items): return join(flag, try items.map(item).joined(separator: ","))
    default: throw mismatch("true, or a list of tokens")
    }
  }

  /// In one piece a value may begin with a dash, but not be empty.
  private func join(_ flag: String, _ value: String) -> [String] {
    value.isEmpty ? [flag, ""] : ["\(flag)=\(value)"]
  }

  /// The flags that take several values.
  fileprivate static let lists: Set = [
    "--target", "--exclude", "--layers", "--modules-to-save", "--adam-betas", "--no-decay",
    "--allow", "--trainable-tokens",
  ]
  /// The flags that take values by name.
  private static let tables: Set = ["--rank-pattern", "--alpha-pattern"]

  /// The flags that take a method: its name, or a mapping of its name and options.
  private static let choices = Set(MethodAxis.allCases.map(\.flag))

  /// `{name: hira, dropout: 0.1}` as `hira:dropout=0.1`.
  private func choice(of pairs: Node.Mapping) throws -> String {
    var (name, options): (String?, [String]) = (nil, [])
    for (key, value) in pairs {
      guard let key = key.scalar?.string, let text = value.scalar?.string, !isNull(value) else {
        throw mismatch("a name, or a mapping of a name and options")
      }
      if key == "name" { name = text } else { options.append("\(key)=\(text)") }
    }
    guard let name else { throw mismatch("a mapping with a name") }
    return options.isEmpty ? name : name + ":" + options.joined(separator: ",")
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

/// What follows a flag of `train`, found by asking its parser.
private enum FlagKind: String {
  case toggle = "true or false"
  case wholeNumber = "a whole number"
  case number = "a number"
  case text = "text"

  init(of flag: String) {
    func takes(_ argument: String) -> Bool { (try? Train.parse([argument])) != nil }
    self =
      if takes(flag) {
        .toggle
      } else if takes("\(flag)=x") || RunFileValue.lists.contains(flag) {
        .text
      } else if takes("\(flag)=0.5") {
        .number
      } else {
        .wholeNumber
      }
  }
}
