import Foundation

/// Numbers for people.
public enum NumberText {
  /// A number with so many significant digits, such as `0.0123`, `12,288` and `1.2×10⁻⁷`; `not a number` for NaN.
  public static func short(_ number: Double, digits: Int = 4) -> String {
    guard number.isFinite else {
      return number.isNaN ? "not a number" : number < 0 ? "−∞" : "∞"
    }
    guard number != 0 else { return "0" }
    let size = abs(number)
    guard size >= 1e-4, size < 1e15 else { return scientific(number, digits: digits) }
    let decimals = max(0, digits - 1 - Int(log10(size).rounded(.down)))
    return grouped(trimmed(fixed(number, decimals: decimals)))
  }

  /// A whole number with commas between thousands.
  public static func integer(_ number: Int) -> String {
    grouped(String(number).replacing("-", with: "−"))
  }

  /// Mantissa and power of ten.
  static func scientific(_ number: Double, digits: Int) -> String {
    var exponent = Int(log10(abs(number)).rounded(.down))
    // In two steps, because neither 10⁻³²⁰ nor 10³²⁰ is a number.
    var mantissa = number / pow(10, Double(exponent / 2)) / pow(10, Double(exponent - exponent / 2))
    if fixed(abs(mantissa), decimals: digits - 1).hasPrefix("10") {
      (mantissa, exponent) = (mantissa / 10, exponent + 1)
    }
    let power = "10" + superscript(exponent)
    let text = trimmed(fixed(mantissa, decimals: digits - 1))
    return text == "1" ? power : "\(text)×\(power)"
  }

  /// An exponent.
  static func superscript(_ exponent: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return (exponent < 0 ? "⁻" : "")
      + String(String(abs(exponent)).utf8.map { digits[Int($0) - 48] })
  }

  /// Commas between the thousands of a decimal fraction's whole part, from four digits on.
  private static func grouped(_ text: String) -> String {
    let sign = text.hasPrefix("−") ? "−" : ""
    let parts = text.dropFirst(sign.count).split(separator: ".", maxSplits: 1)
    guard let whole = parts.first, whole.utf8.count > 3 else { return text }
    var result = ""
    for (index, digit) in whole.enumerated() {
      if index > 0, (whole.utf8.count - index).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return sign + result + (parts.count > 1 ? ".\(parts[1])" : "")
  }
}
