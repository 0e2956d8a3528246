extension JSONFields {
  /// The object of a key, which must be there.
  public func object(_ key: String) throws(JSONError) -> JSONSection {
    section(key, try required(key, "an object", \.object))
  }

  /// The object of a key; none where the key is absent or null.
  public func optionalObject(_ key: String) throws(JSONError) -> JSONSection? {
    try optional(key, "an object", \.object).map { section(key, $0) }
  }

  /// The list of a key, which must be there.
  public func array(_ key: String) throws(JSONError) -> [JSONValue] {
    try required(key, "a list", \.array)
  }

  /// The list of a key; none where the key is absent or null.
  public func optionalArray(_ key: String) throws(JSONError) -> [JSONValue]? {
    try optional(key, "a list", \.array)
  }

  /// The objects of a list, which must be there and hold nothing else.
  public func objects(_ key: String) throws(JSONError) -> [JSONSection] {
    try required(key, "a list of objects") { $0.elements(\.object) }
      .enumerated().map { section("\(key)[\($0.offset)]", $0.element) }
  }

  /// The strings of a list, which must hold nothing else; none where the key is absent or null.
  public func optionalStrings(_ key: String) throws(JSONError) -> [String]? {
    try optional(key, "a list of strings") { $0.elements(\.string) }
  }

  /// The integers of a list, which must hold nothing else; none where the key is absent or null.
  public func optionalIntegers(_ key: String) throws(JSONError) -> [Int]? {
    try optional(key, "a list of integers") { $0.elements(\.integer) }
  }

  /// The numbers of a list, which must hold nothing else; none where the key is absent or null.
  public func optionalDoubles(_ key: String) throws(JSONError) -> [Double]? {
    try optional(key, "a list of numbers") { $0.elements(\.double) }
  }

  private func section(_ key: String, _ object: JSONObject) -> JSONSection {
    JSONSection(object, of: source, path: "\(path)\(key).")
  }
}

extension JSONValue {
  /// The elements of a list, where it is one and `read` understands all of them.
  func elements<Element>(_ read: (JSONValue) -> Element?) -> [Element]? {
    guard let array else { return nil }
    let elements = array.compactMap(read)
    return elements.count == array.count ? elements : nil
  }
}
