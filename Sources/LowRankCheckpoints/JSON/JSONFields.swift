/// An object of a JSON file together with its place there, so that every error can name both.
///
/// `config.integer("hidden_size")` either returns an integer or throws a sentence such as
/// `config.json: "hidden_size" must be an integer, found a string`. A value of null counts as absent.
public protocol JSONFields: Sendable {
  /// The values.
  var object: JSONObject { get }
  /// The file, or the row of a file, that holds the object.
  var source: String { get }
  /// The keys that lead to the object, each followed by a dot; empty for the outermost one.
  var path: String { get }
}

/// An object inside a JSON file, or a row of one.
public struct JSONSection: JSONFields {
  /// The values.
  public let object: JSONObject
  /// The file, or the row of a file, that holds the object.
  public let source: String
  /// The keys that lead to the object, each followed by a dot.
  public let path: String

  /// An object that `source` holds.
  public init(_ object: JSONObject, of source: String, path: String = "") {
    self.object = object
    self.source = source
    self.path = path
  }
}

extension JSONFields {
  /// The keys, in the order of the file.
  public var allKeys: [String] { object.keys }

  /// The value of a key, null included.
  public subscript(key: String) -> JSONValue? { object[key] }

  /// An error about the value of a key: `expected` completes "must be …".
  public func mismatch(_ key: String, expected: String) -> JSONError {
    let found = object[key].map { "found \($0.kind)" } ?? "but it is missing"
    return error(key, "must be \(expected), \(found)")
  }

  /// An error about the value of a key: `problem` completes a sentence that begins with the key.
  public func error(_ key: String, _ problem: String) -> JSONError {
    JSONError(source: source, problem: "\"\(path)\(key)\" \(problem)")
  }

  /// The value of a key as `read` understands it; none where the key is absent or null.
  func optional<Value>(
    _ key: String, _ expected: String, _ read: (JSONValue) -> Value?
  ) throws(JSONError) -> Value? {
    guard let value = object[key], value != .null else { return nil }
    guard let value = read(value) else { throw mismatch(key, expected: expected) }
    return value
  }

  func required<Value>(
    _ key: String, _ expected: String, _ read: (JSONValue) -> Value?
  ) throws(JSONError) -> Value {
    guard let value = try optional(key, expected, read) else {
      throw mismatch(key, expected: expected)
    }
    return value
  }
}
