/// Decimal numbers as text.
enum DecimalText {
  /// The largest size of a decimal number in bytes, that of Arrow's `decimal256`.
  static let largest = 32

  /// The number of a big-endian integer in two's complement and a scale: `-12.30`.
  static func text(_ bytes: UnsafeRawBufferPointer, scale: Int) -> String {
    let isNegative = bytes.first.map { $0 & 0x80 != 0 } ?? false
    var magnitude = [UInt8](bytes)
    if isNegative { negate(&magnitude) }
    return text(digits: digits(of: magnitude), isNegative: isNegative, scale: scale)
  }

  /// The number of an integer and a scale.
  static func text(_ number: Int64, scale: Int) -> String {
    text(digits: String(number.magnitude), isNegative: number < 0, scale: scale)
  }

  private static func text(digits: String, isNegative: Bool, scale: Int) -> String {
    let sign = isNegative && digits.utf8.contains { $0 != UInt8(ascii: "0") } ? "-" : ""
    guard scale > 0 else { return sign + digits }
    let zeros = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count))
    let padded = zeros + digits
    let point = padded.utf8.count - scale
    return sign + padded.prefix(point) + "." + padded.dropFirst(point)
  }

  private static func negate(_ bytes: inout [UInt8]) {
    var carry = true
    for index in bytes.indices.reversed() {
      let (sum, overflows) = (~bytes[index]).addingReportingOverflow(carry ? 1 : 0)
      (bytes[index], carry) = (sum, overflows)
    }
  }

  private static func digits(of magnitude: [UInt8]) -> String {
    var rest = magnitude[...]
    var digits: [UInt8] = []
    while true {
      rest = rest.drop { $0 == 0 }
      guard !rest.isEmpty else { break }
      var remainder = 0
      for index in rest.indices {
        let value = remainder << 8 | Int(rest[index])
        rest[index] = UInt8(value / 10)
        remainder = value % 10
      }
      digits.append(UInt8(ascii: "0") + UInt8(remainder))
    }
    return digits.isEmpty ? "0" : String(decoding: digits.reversed(), as: UTF8.self)
  }
}
