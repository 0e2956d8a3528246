/// Named values in the order they were given, which is the order a template prints them in.
///
/// Names are the same when their code points are.
public struct TemplateDictionary: Sendable, Hashable {
  public struct Entry: Sendable, Hashable {
    public let key: String
    public var value: TemplateValue

    public static func == (left: Entry, right: Entry) -> Bool {
      left.key.utf8.elementsEqual(right.key.utf8) && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(Text(key))
      hasher.combine(value)
    }
  }

  /// The names and values in order.
  public private(set) var entries: [Entry] = []
  private var positions: [Text: Int] = [:]

  public init() {}

  /// Takes pairs in order; of two with the same name the later gives the value.
  public init(_ pairs: some Sequence<(String, TemplateValue)>) {
    for (key, value) in pairs { self[key] = value }
  }

  public var count: Int { entries.count }
  public var isEmpty: Bool { entries.isEmpty }

  /// The value of a name; setting a new one appends it, and setting nil removes it.
  public subscript(key: String) -> TemplateValue? {
    get { positions[Text(key)].map { entries[$0].value } }
    set {
      let name = Text(key)
      switch (positions[name], newValue) {
      case (let position?, let value?): entries[position].value = value
      case (nil, let value?):
        positions[name] = entries.count
        entries.append(Entry(key: key, value: value))
      case (let position?, nil):
        entries.remove(at: position)
        positions[name] = nil
        for later in position..<entries.count { positions[Text(entries[later].key)] = later }
      case (nil, nil): break
      }
    }
  }

  /// Itself with the other's values added, which win where a name is in both.
  public func merging(_ other: TemplateDictionary) -> TemplateDictionary {
    var merged = self
    for entry in other.entries { merged[entry.key] = entry.value }
    return merged
  }

  public static func == (left: TemplateDictionary, right: TemplateDictionary) -> Bool {
    left.entries == right.entries
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(entries) }
}

extension TemplateDictionary: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral entries: (String, TemplateValue)...) { self.init(entries) }
}
