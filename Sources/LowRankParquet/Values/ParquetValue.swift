/// A value of a row.
public enum ParquetValue: Hashable, Sendable {
  /// No value.
  case null
  /// A truth value.
  case bool(Bool)
  /// A whole number.
  case integer(Int64)
  /// A whole number of an unsigned type.
  case unsigned(UInt64)
  /// A number; those of half and single precision are exact in it.
  case double(Double)
  /// A decimal number, with as many digits after the point as its column has.
  case decimal(String)
  /// A text; also a date, time or timestamp in the form of ISO 8601, and a UUID.
  case string(String)
  /// Bytes without a meaning known here.
  case bytes([UInt8])
  /// Values in order.
  case list([ParquetValue])
  /// Named values.
  case structure(ParquetStructure)
  /// Keys and values in order.
  case map([ParquetEntry])
}

/// The values of a structure.
public struct ParquetStructure: Hashable, Sendable {
  /// The names of the fields.
  public let names: [String]
  /// A value for each name.
  public let values: [ParquetValue]
}

/// A key of a map with its value.
public struct ParquetEntry: Hashable, Sendable {
  /// The key.
  public let key: ParquetValue
  /// The value.
  public let value: ParquetValue
}
