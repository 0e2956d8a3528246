/// Floating-point numbers as Python prints them.
enum DoubleText {
  /// The shortest digits that read back the same, with an exponent below 1e-4 and from 1e16 on.
  static func shortest(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    if value.isInfinite { return value < 0 ? "-inf" : "inf" }
    let sign = value.sign == .minus ? "-" : ""
    if value == 0 { return sign + "0.0" }
    let (digits, exponent) = digits(value.magnitude)
    if exponent < -4 || exponent >= 16 {
      let fraction = digits.dropFirst()
      let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
      return sign + digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + "e"
        + (exponent < 0 ? "-" : "+") + power
    }
    if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
    let whole = exponent + 1
    if digits.count <= whole {
      return sign + digits + String(repeating: "0", count: whole - digits.count) + ".0"
    }
    return sign + digits.prefix(whole) + "." + digits.dropFirst(whole)
  }

  /// The shortest digits without point and zeros, and the power of ten of the first.
  private static func digits(_ value: Double) -> (String, exponent: Int) {
    let parts = value.description.split(separator: "e")
    var power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let number = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    var digits = String(number[0])
    power += digits.count - 1
    if number.count > 1 { digits += number[1] }
    while digits.hasPrefix("0"), digits.count > 1 {
      digits.removeFirst()
      power -= 1
    }
    while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
    return (digits, power)
  }
}
