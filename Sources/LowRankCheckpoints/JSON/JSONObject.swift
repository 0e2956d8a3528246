/// Named values in the order in which they were written, told apart by the bytes of their names.
public struct JSONObject: Sendable {
  /// The names and values, in order.
  public private(set) var entries: [(key: String, value: JSONValue)] = []
  /// Where each name stands; kept only once there are too many to look through.
  private var positions: [ExactText: Int]?

  private static let searched = 16

  /// An object that names nothing.
  public init() {}

  /// An object that names these values, in this order; no name may occur twice.
  public init(_ entries: some Sequence<(String, JSONValue)>) {
    for (key, value) in entries {
      let isNew = insert(key, value)
      precondition(isNew, "the key \"\(key)\" occurs twice")
    }
  }

  /// The number of names.
  public var count: Int { entries.count }

  /// Whether nothing is named.
  public var isEmpty: Bool { entries.isEmpty }

  /// The names, in order.
  public var keys: [String] { entries.map(\.key) }

  /// The value of a name; setting none removes the name.
  public subscript(key: String) -> JSONValue? {
    get { position(of: key).map { entries[$0].value } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?): entries[position].value = value
      case (nil, let value?): _ = insert(key, value)
      case (let position?, nil):
        entries.remove(at: position)
        positions = entries.count > Self.searched ? Self.positions(of: entries) : nil
      case (nil, nil): break
      }
    }
  }

  /// Adds a name at the end, or returns false where it is there already and leaves it as it was.
  mutating func insert(_ key: String, _ value: JSONValue) -> Bool {
    if let position = positions?.updateValue(entries.count, forKey: ExactText(key)) {
      positions?[ExactText(key)] = position
      return false
    }
    guard positions != nil || position(of: key) == nil else { return false }
    entries.append((key, value))
    if positions == nil, entries.count > Self.searched {
      positions = Self.positions(of: entries)
    }
    return true
  }

  private func position(of key: String) -> Int? {
    if let positions { return positions[ExactText(key)] }
    let key = ExactText(key)
    return entries.firstIndex { ExactText($0.key) == key }
  }

  private static func positions(of entries: [(key: String, value: JSONValue)]) -> [ExactText: Int] {
    var positions: [ExactText: Int] = [:]
    for (position, entry) in entries.enumerated() { positions[ExactText(entry.key)] = position }
    return positions
  }
}

extension JSONObject: Hashable {
  /// Whether both name the same things with equal values, in whatever order.
  public static func == (left: Self, right: Self) -> Bool {
    left.count == right.count
      && left.entries.allSatisfy { key, value in right[key] == value }
  }

  /// Feeds the names to a hasher, without regard to their order.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(entries.reduce(0) { $0 ^ ExactText($1.key).hashValue })
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// An object written out; no name may occur twice.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(elements)
  }
}
