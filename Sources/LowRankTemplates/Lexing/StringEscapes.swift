/// The escapes of Python's string literals, as Jinja resolves them.
enum StringEscapes {
  /// The text that a literal's inside stands for; nil where an escape is not one of Python's.
  static func resolve(_ literal: ArraySlice<UInt8>) -> Text? {
    guard literal.contains(UInt8(ascii: "\\")) else { return Text(bytes: Array(literal)) }
    var text = Text(bytes: [])
    let source = escapedToASCII(literal)
    var at = 0
    while at < source.count {
      guard source[at] == UInt8(ascii: "\\") else {
        text.bytes.append(source[at])
        at += 1
        continue
      }
      guard at + 1 < source.count else { return nil }
      let code = source[at + 1]
      at += 2
      if let plain = single[code] {
        text.bytes.append(contentsOf: plain)
      } else if let digits = hexadecimal[code] {
        guard at + digits <= source.count,
          let value = number(source[at..<at + digits], radix: 16),
          let scalar = Unicode.Scalar(value)
        else { return nil }
        text.append(scalar)
        at += digits
      } else if octal.contains(code) {
        let end = source[(at - 1)...].prefix(3).prefix { octal.contains($0) }.endIndex
        guard let value = number(source[at - 1..<end], radix: 8), let scalar = Unicode.Scalar(value)
        else { return nil }
        text.append(scalar)
        at = end
      } else if code == UInt8(ascii: "N") {
        return nil
      } else {
        text.bytes.append(contentsOf: [UInt8(ascii: "\\"), code])
      }
    }
    return text
  }

  private static let octal = UInt8(ascii: "0")...UInt8(ascii: "7")
  private static let hexadecimal: [UInt8: Int] = [
    UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8,
  ]
  private static let single: [UInt8: [UInt8]] = [
    UInt8(ascii: "n"): [0x0a], UInt8(ascii: "t"): [0x09], UInt8(ascii: "r"): [0x0d],
    UInt8(ascii: "a"): [0x07], UInt8(ascii: "b"): [0x08], UInt8(ascii: "f"): [0x0c],
    UInt8(ascii: "v"): [0x0b], UInt8(ascii: "\\"): [UInt8(ascii: "\\")],
    UInt8(ascii: "'"): [UInt8(ascii: "'")], UInt8(ascii: "\""): [UInt8(ascii: "\"")],
    0x0a: [],
  ]

  private static func number(_ digits: ArraySlice<UInt8>, radix: Int) -> UInt32? {
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: radix)
  }

  /// Jinja writes what is not ASCII as escapes before it resolves them, so that a backslash
  /// before such a character makes its escape literal.
  private static func escapedToASCII(_ literal: ArraySlice<UInt8>) -> [UInt8] {
    var ascii: [UInt8] = []
    for scalar in String(decoding: literal, as: UTF8.self).unicodeScalars {
      let digits = String(scalar.value, radix: 16)
      switch scalar.value {
      case 0..<0x80: ascii.append(UInt8(scalar.value))
      case 0x80..<0x100: ascii.append(contentsOf: "\\x\(digits)".utf8)
      case 0x100..<0x10000:
        ascii.append(
          contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
      default:
        ascii.append(
          contentsOf: "\\U\(String(repeating: "0", count: 8 - digits.count))\(digits)".utf8)
      }
    }
    return ascii
  }
}
