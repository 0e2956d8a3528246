/// A value of a GGUF file's metadata.
public enum GGUFValue: Hashable, Sendable {
  /// An unsigned integer, of 8 to 64 bits in the file.
  case unsigned(UInt64)
  /// A signed integer, of 8 to 64 bits in the file.
  case signed(Int64)
  /// A single precision number.
  case float32(Float)
  /// A double precision number.
  case float64(Double)
  /// A truth value.
  case bool(Bool)
  /// Text.
  case string(String)
  /// Values of one type.
  case array([GGUFValue])

  /// The value as text, where it is text.
  public var string: String? { if case .string(let text) = self { text } else { nil } }

  /// The value as a whole number, where it is one that fits.
  public var integer: Int? {
    switch self {
    case .unsigned(let number): Int(exactly: number)
    case .signed(let number): Int(exactly: number)
    default: nil
    }
  }

  /// The value as a number, where it is one.
  public var double: Double? {
    switch self {
    case .unsigned(let number): Double(number)
    case .signed(let number): Double(number)
    case .float32(let number): Double(number)
    case .float64(let number): number
    default: nil
    }
  }
}

/// How the type of a value is written.
enum GGUFKind: UInt32 {
  case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64
  case float64

  /// The bytes that one takes; none where that depends on the value.
  var byteCount: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }
}
