/// The fields of a request or a response; names are case-insensitive.
struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
  private(set) var fields: [(name: String, value: String)] = []

  init() {}

  init(dictionaryLiteral fields: (String, String)...) {
    self.fields = fields.map { (name: $0.0, value: $0.1) }
  }

  /// The value of the first field with a name.
  subscript(name: String) -> String? {
    fields.first { Self.isSame($0.name, name) }?.value
  }

  /// Adds a field, even if there is one of the same name.
  mutating func add(_ name: String, _ value: String) { fields.append((name, value)) }

  /// Sets a field and removes others of the same name.
  mutating func set(_ name: String, _ value: String) {
    fields.removeAll { Self.isSame($0.name, name) }
    add(name, value)
  }

  /// Appends a folded line to the value of the last field.
  mutating func continueLast(_ more: String) {
    guard !fields.isEmpty else { return }
    fields[fields.count - 1].value += " " + more
  }

  /// Whether every field is valid and fits on one line.
  var areLines: Bool {
    fields.allSatisfy { field in
      !field.name.isEmpty && !field.name.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: ":") }
        && !field.value.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }
    }
  }

  private static func isSame(_ one: String, _ other: String) -> Bool {
    one.utf8.count == other.utf8.count && one.lowercased() == other.lowercased()
  }
}
