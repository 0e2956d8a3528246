import Foundation

/// How a value is to be written: the part after the colon of a field, or between "%" and its
/// letter.
struct FormatSpecification {
  var fill: Unicode.Scalar = " "
  /// "<", ">", "^" or "=", which puts the fill between sign and digits.
  var alignment: Unicode.Scalar?
  var sign: Unicode.Scalar = "-"
  var isAlternate = false
  var width = 0
  var groupsThousands = false
  var precision: Int?
  var type: Unicode.Scalar?

  /// Brings a text to its width.
  func padded(_ text: String, by fallback: Unicode.Scalar) -> Text {
    let count = text.unicodeScalars.count
    let missing = max(0, width - count)
    func fills(_ count: Int) -> String { String(repeating: String(fill), count: count) }
    switch alignment ?? fallback {
    case "<": return Text(text + fills(missing))
    case "^": return Text(fills(missing / 2) + text + fills(missing - missing / 2))
    case "=":
      let signed = text.hasPrefix("-") || text.hasPrefix("+") || text.hasPrefix(" ")
      return Text(text.prefix(signed ? 1 : 0) + fills(missing) + text.dropFirst(signed ? 1 : 0))
    default: return Text(fills(missing) + text)
    }
  }

  /// A whole number in the base of the type.
  func written(_ value: Int) -> Text? {
    let (radix, prefix): (Int, String)
    switch type ?? "d" {
    case "d", "n", "i", "u": (radix, prefix) = (10, "")
    case "x": (radix, prefix) = (16, "0x")
    case "X": (radix, prefix) = (16, "0X")
    case "o": (radix, prefix) = (8, "0o")
    case "b": (radix, prefix) = (2, "0b")
    default: return nil
    }
    var digits = String(value.magnitude, radix: radix, uppercase: type == "X")
    if let precision, digits.count < precision {
      digits = String(repeating: "0", count: precision - digits.count) + digits
    }
    if groupsThousands { digits = Self.grouped(digits) }
    return padded(signed(value < 0) + (isAlternate ? prefix : "") + digits, by: ">")
  }

  /// A floating-point number.
  func written(_ value: Double) -> Text? {
    var letter = type ?? "r"
    var number = value.magnitude
    let suffix = letter == "%" ? "%" : ""
    if letter == "%" {
      number *= 100
      letter = "f"
    }
    var digits: String
    switch letter {
    case "e", "E", "f", "F", "g", "G":
      digits = String(
        format: "%\(isAlternate ? "#" : "").\(precision ?? 6)\(Character(letter))", number)
    case "r" where precision == nil: digits = DoubleText.shortest(number)
    case "r":
      digits = String(format: "%.\(max(precision ?? 1, 1))g", number)
      if !digits.contains("."), !digits.contains("e"), number.isFinite { digits += ".0" }
    default: return nil
    }
    if groupsThousands { digits = Self.grouped(digits) }
    return padded(signed(value.sign == .minus && !value.isNaN) + digits + suffix, by: ">")
  }

  private func signed(_ isNegative: Bool) -> String {
    isNegative ? "-" : sign == "-" ? "" : String(sign)
  }

  private static func grouped(_ digits: String) -> String {
    let whole = digits.prefix { $0.isNumber }
    var groups: [Substring] = []
    var rest = whole
    while rest.count > 3 {
      groups.insert(rest.suffix(3), at: 0)
      rest = rest.dropLast(3)
    }
    return ([rest] + groups).joined(separator: ",") + digits.dropFirst(whole.count)
  }
}
