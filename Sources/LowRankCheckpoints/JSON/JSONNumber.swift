/// A number as the text spells it, so that neither 64-bit integers nor `1e-5` lose anything.
///
/// Two numbers are equal when they are spelled alike: `1` and `1.0` differ.
public struct JSONNumber: Hashable, Sendable, CustomStringConvertible {
  /// The digits as they stood in the text.
  public let text: String

  /// A number that the scanner has found well formed.
  init(scanned text: String) { self.text = text }

  /// A whole number.
  public init(_ value: some BinaryInteger) { text = String(value) }

  /// The shortest text that reads back as the same value; the value must be finite.
  public init(_ value: Double) {
    precondition(value.isFinite, "JSON has no number for \(value)")
    text = value.description
  }

  /// The value where it is written without fraction and exponent and fits 64 bits, else none.
  public var integer: Int? { Int(text) }

  /// The nearest double precision value; none where that is infinite.
  public var double: Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }

  /// The text itself.
  public var description: String { text }
}
