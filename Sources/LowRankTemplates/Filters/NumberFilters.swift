import Foundation

extension Filters {
  static let numbers: [String: Filter] = ["int": int, "float": float, "abs": abs, "round": round]

  private static let int: Filter = { _, value, arguments throws(TemplateError) in
    let given = try arguments.bound("int", ["default", "base"])
    let fallback = given[0] ?? .integer(0)
    if case .undefined(let message) = value { throw .runtime(message) }
    if let integer = value.integer { return .integer(integer) }
    if case .string(let text) = value {
      guard let base = (given[1] ?? .integer(10)).integer else {
        throw .runtime("the base of int is not an integer")
      }
      if let integer = try NumberText.integer(text, base: base) { return .integer(integer) }
    }
    guard let number = value.number ?? value.text.flatMap(NumberText.double), !number.isNaN else {
      return fallback
    }
    if number.isInfinite {
      guard case .double = value else { return fallback }
      throw .runtime("infinity is not an integer")
    }
    guard let integer = Int(exactly: number.rounded(.towardZero)) else {
      throw .runtime("an integer exceeds 64 bits")
    }
    return .integer(integer)
  }

  private static let float: Filter = { _, value, arguments throws(TemplateError) in
    let fallback = try arguments.bound("float", ["default"])[0] ?? .double(0)
    if case .undefined(let message) = value { throw .runtime(message) }
    return (value.number ?? value.text.flatMap(NumberText.double)).map(Value.double) ?? fallback
  }

  private static let abs: Filter = { _, value, arguments throws(TemplateError) in
    _ = try arguments.bound("abs", [])
    if let integer = value.integer {
      guard integer != Int.min else { throw .runtime("an integer exceeds 64 bits") }
      return .integer(Swift.abs(integer))
    }
    guard case .double(let number) = value else {
      throw .runtime("abs takes a number, and not a \(value.typeName)")
    }
    return .double(Swift.abs(number))
  }

  private static let round: Filter = { interpreter, value, arguments throws(TemplateError) in
    let given = try arguments.bound("round", ["precision", "method"])
    let precision = try interpreter.requiredInteger(given[0] ?? .integer(0), "round")
    let method = given[1]?.text?.string ?? "common"
    guard let number = value.number else {
      throw .runtime("round takes a number, and not a \(value.typeName)")
    }
    switch method {
    case "common":
      if let integer = value.integer { return .integer(try rounded(integer, precision)) }
      return .double(rounded(number, precision))
    case "ceil", "floor":
      let power = try interpreter.arithmetic(.power, .integer(10), .integer(precision))
      guard let scaled = try interpreter.arithmetic(.multiply, value, power).number,
        let whole = Int(exactly: scaled.rounded(method == "ceil" ? .up : .down))
      else { throw .runtime("\(number) cannot be rounded") }
      return try interpreter.arithmetic(.divide, .integer(whole), power)
    default: throw .runtime("the method of round is common, ceil or floor")
    }
  }

  /// To so many decimals, a tie of the exact binary value to the even digit.
  private static func rounded(_ number: Double, _ precision: Int) -> Double {
    guard number.isFinite, precision < 320 else { return number }
    if precision >= 0 { return Double(String(format: "%.\(precision)f", number)) ?? number }
    guard precision > -310 else { return 0 * number }
    let power = pow(10, Double(-precision))
    return (number / power).rounded(.toNearestOrEven) * power
  }

  private static func rounded(_ integer: Int, _ precision: Int) throws(TemplateError) -> Int {
    guard precision < 0 else { return integer }
    guard precision >= -18 else { return 0 }
    let power = (0..<(-precision)).reduce(1) { product, _ in product * 10 }
    var (quotient, remainder) = integer.quotientAndRemainder(dividingBy: power)
    let half = Swift.abs(remainder) - power / 2
    if half > 0 || half == 0 && quotient % 2 != 0 {
      quotient += integer < 0 ? -1 : 1
      remainder = 0
    }
    let (result, overflows) = quotient.multipliedReportingOverflow(by: power)
    guard !overflows else { throw .runtime("an integer exceeds 64 bits") }
    return result
  }
}

/// Numbers in strings, as Python's `int` and `float` read them.
enum NumberText {
  static func integer(_ text: Text, base: Int) throws(TemplateError) -> Int? {
    guard base == 0 || (2...36).contains(base) else { return nil }
    var digits = text.stripped(nil).string.lowercased()[...]
    let isNegative = digits.hasPrefix("-")
    if isNegative || digits.hasPrefix("+") { digits = digits.dropFirst() }
    var radix = base
    for (prefix, value) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
      guard base == 0 || base == value else { break }
      radix = value
      digits = digits.dropFirst(2)
      if digits.hasPrefix("_") { digits = digits.dropFirst() }
    }
    if radix == 0 {
      radix = 10
      if digits.hasPrefix("0"), digits.contains(where: { $0 != "0" && $0 != "_" }) { return nil }
    }
    guard let plain = withoutUnderscores(digits),
      plain.utf8.allSatisfy({ byte in
        Character(Unicode.Scalar(byte)).hexOrLetterValue.map { $0 < radix } ?? false
      })
    else { return nil }
    guard let value = Int((isNegative ? "-" : "") + plain, radix: radix) else {
      throw .runtime("an integer exceeds 64 bits")
    }
    return value
  }

  static func double(_ text: Text) -> Double? {
    let digits = text.stripped(nil).string
    let word = digits.lowercased().drop { $0 == "-" || $0 == "+" }
    if ["inf", "infinity", "nan"].contains(word) {
      guard digits.count - word.count <= 1 else { return nil }
      let value = word == "nan" ? Double.nan : Double.infinity
      return digits.hasPrefix("-") ? -value : value
    }
    guard let plain = withoutUnderscores(digits[...]),
      plain.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) })
    else { return nil }
    // Python takes "1." and ".5", and Swift does not.
    let parts = plain.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
    if plain.contains("E") { return double(Text(plain.lowercased())) }
    var mantissa = String(parts[0])
    guard mantissa.contains(where: \.isNumber) else { return nil }
    if mantissa.hasSuffix(".") { mantissa += "0" }
    if let point = mantissa.firstIndex(of: "."),
      point == mantissa.startIndex || !mantissa[mantissa.index(before: point)].isNumber
    {
      mantissa.insert("0", at: point)
    }
    return Double(parts.count > 1 ? mantissa + "e" + parts[1] : mantissa)
  }

  /// Python allows an underscore between two digits.
  private static func withoutUnderscores(_ digits: Substring) -> String? {
    let parts = digits.split(separator: "_", omittingEmptySubsequences: false)
    guard !digits.isEmpty, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    return parts.joined()
  }
}

extension Character {
  /// The value of a digit in bases up to 36.
  fileprivate var hexOrLetterValue: Int? {
    guard isASCII else { return nil }
    return Int(String(self), radix: 36)
  }
}
