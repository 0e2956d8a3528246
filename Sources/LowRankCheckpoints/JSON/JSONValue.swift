/// A JSON text as a value.
public enum JSONValue: Sendable {
  /// The word `null`.
  case null
  /// The words `true` and `false`.
  case bool(Bool)
  /// A number, spelled as it was.
  case number(JSONNumber)
  /// A string.
  case string(String)
  /// Values in order.
  case array([JSONValue])
  /// Named values.
  case object(JSONObject)

  /// A whole number.
  public static func integer(_ value: Int) -> Self { .number(JSONNumber(value)) }

  /// A number, or null where it is not finite: JSON has no other word for that.
  public static func double(_ value: Double) -> Self {
    value.isFinite ? .number(JSONNumber(value)) : .null
  }

  /// What the value is, with its article, for a sentence.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number(let number): number.integer == nil ? "the number \(number)" : "an integer"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// The value as a 64-bit integer, where it is one.
  public var integer: Int? { if case .number(let number) = self { number.integer } else { nil } }

  /// The value as a finite double, where it is a number.
  public var double: Double? { if case .number(let number) = self { number.double } else { nil } }

  /// The value as a string, where it is one.
  public var string: String? { if case .string(let string) = self { string } else { nil } }

  /// The value as a truth value, where it is one.
  public var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }

  /// The value as a list, where it is one.
  public var array: [JSONValue]? { if case .array(let array) = self { array } else { nil } }

  /// The value as named values, where it is an object.
  public var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
}

extension JSONValue: Hashable {
  /// Whether both are the same; strings are when their bytes are.
  public static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.string(let left), .string(let right)): ExactText(left) == ExactText(right)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }

  /// Feeds the value to a hasher.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let bool): hasher.combine(bool)
    case .number(let number): hasher.combine(number)
    case .string(let string): hasher.combine(ExactText(string))
    case .array(let array): hasher.combine(array)
    case .object(let object): hasher.combine(object)
    }
  }
}
