/// A dictionary of Python: in the order of insertion, by keys of any hashable type.
struct Mapping {
  private(set) var entries: [(key: Value, value: Value)] = []
  private(set) var depth = 1
  private var keys: [DictionaryKey] = []
  /// Where the keys stand; small dictionaries are searched without it.
  private var positions: [DictionaryKey: Int] = [:]

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }

  subscript(key: DictionaryKey) -> Value? { position(of: key).map { entries[$0].value } }

  subscript(name: Text) -> Value? { self[.string(name)] }

  private func position(of key: DictionaryKey) -> Int? {
    keys.count <= 8 ? keys.firstIndex(of: key) : positions[key]
  }

  mutating func set(_ key: Value, _ value: Value) throws(TemplateError) {
    set(key, try DictionaryKey(key), value)
  }

  mutating func set(_ name: Text, _ value: Value) { set(.string(name), .string(name), value) }

  private mutating func set(_ key: Value, _ hashed: DictionaryKey, _ value: Value) {
    depth = max(depth, value.depth + 1, key.depth + 1)
    if let position = position(of: hashed) {
      entries[position].value = value
      return
    }
    entries.append((key, value))
    keys.append(hashed)
    if keys.count == 9 {
      for (position, key) in keys.enumerated() { positions[key] = position }
    } else if keys.count > 9 {
      positions[hashed] = keys.count - 1
    }
  }
}

/// A key as Python compares it: 1, 1.0 and True are the same.
enum DictionaryKey: Hashable {
  case none
  case undefined
  case integer(Int)
  case double(Double)
  case string(Text)
  case tuple([DictionaryKey])
  case object(ObjectIdentifier)

  init(_ value: Value) throws(TemplateError) {
    var parts = 0
    try self.init(value, parts: &parts)
  }

  /// Tuples that share their parts may have more of them than could ever be gone through.
  private init(_ value: Value, parts: inout Int) throws(TemplateError) {
    parts += 1
    guard parts <= 10_000 else {
      throw TemplateError(.limit, "a key of a dictionary has more than 10000 parts")
    }
    switch value {
    case .none: self = .none
    case .undefined: self = .undefined
    case .bool(let value): self = .integer(value ? 1 : 0)
    case .integer(let value): self = .integer(value)
    case .double(let value): self = Int(exactly: value).map(DictionaryKey.integer) ?? .double(value)
    case .string(let text): self = .string(text)
    case .tuple(let items):
      var keys: [DictionaryKey] = []
      for value in items.values { keys.append(try DictionaryKey(value, parts: &parts)) }
      self = .tuple(keys)
    case .object(let object): self = .object(ObjectIdentifier(object))
    case .list, .dictionary, .range, .view:
      throw .runtime("a value of type \(value.typeName) cannot be a key")
    }
  }
}
