extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// The value null.
  public init(nilLiteral: ()) { self = .null }

  /// A truth value written out.
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  /// A whole number written out.
  public init(integerLiteral value: Int) { self = .integer(value) }

  /// A number written out.
  public init(floatLiteral value: Double) { self = .double(value) }

  /// A string written out.
  public init(stringLiteral value: String) { self = .string(value) }

  /// A list written out.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

  /// An object written out; no name may occur twice.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
}
