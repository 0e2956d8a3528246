import Foundation
import Yams

/// Keys and values of another tool's file, crossed off as they are read.
///
/// A key within a mapping is named with a dot, `lora_parameters.rank`. Null is the same as nothing.
package struct ForeignFile {
  /// What stands before its keys where people read them, `datasets[0].`.
  let label: String
  /// What stands before its keys in the table of known ones, `datasets.`.
  let scope: String
  private let pairs: [(name: String, value: Node)]
  private var read: Set<String> = []
  /// Keys whose values are of another kind than their tool takes, with what is said of them.
  private(set) var misread: [(key: String, says: String)] = []

  package init(at path: String) throws {
    self.init(try YAMLFile.pairs(of: path))
  }

  private init(_ pairs: [(key: Node, value: Node)], label: String = "", scope: String = "") {
    self.pairs = pairs.map { ($0.key.scalar?.string ?? "a key that is no text", $0.value) }
    self.label = label
    self.scope = scope
  }

  /// The keys at the outside.
  package var names: [String] { pairs.map(\.name) }

  /// Whether a key has a value, which stays unread.
  func has(_ key: String) -> Bool { node(key) != nil }

  /// Crosses a key off with all that is in it.
  mutating func cross(off key: String) { read.insert(key) }

  mutating func text(_ key: String) -> String? {
    take(key, "a text") { $0.scalar?.string }
  }

  /// A number as it is written.
  mutating func number(_ key: String) -> String? {
    take(key, "a number") { node in
      guard let text = node.scalar?.string, let value = Double(text), value.isFinite else {
        return nil
      }
      return text
    }
  }

  mutating func double(_ key: String) -> Double? { number(key).flatMap { Double($0) } }

  mutating func integer(_ key: String) -> Int? {
    take(key, "a whole number") { node in
      node.scalar.flatMap { Int($0.string) ?? Double($0.string).flatMap { Int(exactly: $0) } }
    }
  }

  mutating func flag(_ key: String) -> Bool? {
    take(key, "true or false") { $0.scalar.flatMap { Self.bool($0.string) } }
  }

  /// A list of texts; a single text is a list of one.
  mutating func list(_ key: String) -> [String]? {
    take(key, "a list of names or numbers") { node in
      if let scalar = node.scalar { return [scalar.string] }
      guard let items = node.sequence else { return nil }
      let texts = items.compactMap { $0.scalar?.string }
      return texts.count == items.count ? texts : nil
    }
  }

  /// Whether the value is one text, not a list.
  func isText(_ key: String) -> Bool { node(key)?.scalar != nil }

  mutating func table(_ key: String) -> [RunValue.Entry]? {
    take(key, "numbers by name") { node in
      guard let pairs = node.mapping else { return nil }
      let entries = pairs.compactMap { pair -> RunValue.Entry? in
        guard let name = pair.key.scalar?.string, let number = pair.value.scalar?.string,
          Double(number) != nil
        else { return nil }
        return RunValue.Entry(name: name, number: number)
      }
      return entries.count == pairs.count ? entries : nil
    }
  }

  /// The mappings of a list, each a file of its own whose keys are to be read and accounted for.
  mutating func files(_ key: String) -> [ForeignFile]? {
    take(key, "a list of mappings") { node in
      let items = node.sequence.map { Array($0) } ?? [node]
      let files = items.enumerated().compactMap { index, item in
        item.mapping.map {
          ForeignFile(
            $0.map { ($0.key, $0.value) }, label: "\(key)[\(index)].", scope: "\(key).")
        }
      }
      return files.count == items.count ? files : nil
    }
  }

  /// What was not read, with its value: mappings within are taken apart where `isGroup` says so of them.
  func rest(isGroup: (String) -> Bool) -> [(name: String, value: Node)] {
    func unread(_ name: String, _ node: Node) -> [(name: String, value: Node)] {
      guard !read.contains(name), !Self.isNull(node) else { return [] }
      guard let mapping = node.mapping, isGroup(name) else { return [(name, node)] }
      return mapping.flatMap { unread("\(name).\($0.key.scalar?.string ?? "?")", $0.value) }
    }
    return pairs.flatMap { unread($0.name, $0.value) }
  }

  /// Whether a value says that something is off: false, zero times nothing.
  static func isOff(_ node: Node) -> Bool {
    switch node {
    case .scalar(let scalar): isNull(node) || scalar.string.isEmpty || bool(scalar.string) == false
    case .sequence(let items): items.isEmpty
    case .mapping(let pairs): pairs.isEmpty
    case .alias: false
    }
  }

  private mutating func take<Value>(
    _ key: String, _ expected: String, _ parse: (Node) -> Value?
  ) -> Value? {
    guard let node = node(key) else { return nil }
    read.insert(key)
    if let value = parse(node) { return value }
    let found =
      node.scalar.map { "\"\($0.string)\"" } ?? (node.sequence == nil ? "a mapping" : "a list")
    misread.append((label + key, "is \(found), expected \(expected)"))
    return nil
  }

  private func node(_ key: String) -> Node? {
    var steps = key.split(separator: ".").map(String.init)[...]
    guard let first = steps.popFirst() else { return nil }
    var node = pairs.first { $0.name == first }?.value
    while let step = steps.popFirst() {
      node = node?.mapping?.first { $0.key.scalar?.string == step }?.value
    }
    return node.flatMap { Self.isNull($0) ? nil : $0 }
  }

  private static func isNull(_ node: Node) -> Bool {
    node.scalar?.style == .plain && node.null != nil
  }

  private static func bool(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: nil
    }
  }
}
