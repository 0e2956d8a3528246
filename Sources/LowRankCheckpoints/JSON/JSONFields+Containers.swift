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
    guard let objects = try optionalElements(key, "object", \.object) else {
      throw mismatch(key, expected: "a list of objects")
    }
    return objects.enumerated().map { section("\(key)[\($0.offset)]", $0.element) }
  }

  /// The strings of a list, which must hold nothing else; none where the key is absent or null.
  public func optionalStrings(_ key: String) throws(JSONError) -> [String]? {
    try optionalElements(key, "string", \.string)
  }

  /// The integers of a list, which must hold nothing else; none where the key is absent or null.
  public func optionalIntegers(_ key: String) throws(JSONError) -> [Int]? {
    try optionalElements(key, "integer", \.integer)
  }

  /// The numbers of a list, which must hold nothing else; none where the key is absent or null.
  public func optionalDoubles(_ key: String) throws(JSONError) -> [Double]? {
    try optionalElements(key, "number", \.double)
  }

  /// The elements of a list as `read` understands them; none where the key is absent or null.
  ///
  /// - Throws: `JSONError` that names the first element that is something else.
  private func optionalElements<Element>(
    _ key: String, _ expected: String, _ read: (JSONValue) -> Element?
  ) throws(JSONError) -> [Element]? {
    guard let list = try optional(key, "a list of \(expected)s", \.array) else { return nil }
    var elements: [Element] = []
    for (index, value) in list.enumerated() {
      guard let element = read(value) else {
        let article = "aeiou".contains(expected.prefix(1)) ? "an" : "a"
        throw error(
          "\(key)[\(index)]", "must be \(article) \(expected), found \(value.kind)")
      }
      elements.append(element)
    }
    return elements
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
