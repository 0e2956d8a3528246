extension JSONScanner {
  /// The number that begins at the position: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
  mutating func number() throws(Failure) -> JSONNumber {
    let start = position
    if byte == UInt8(ascii: "-") { position += 1 }
    if byte == UInt8(ascii: "0") {
      position += 1
      guard !isDigit else { throw failure("a number begins with a zero too many", at: start) }
    } else {
      try digits(of: start)
    }
    if byte == UInt8(ascii: ".") {
      position += 1
      try digits(of: start)
    }
    if byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
      try digits(of: start)
    }
    return JSONNumber(scanned: String(decoding: bytes[start..<position], as: UTF8.self))
  }

  /// The `NaN`, `Infinity` or `-Infinity` at the position, if any.
  mutating func nonFinite() -> JSONNumber? {
    guard [UInt8(ascii: "N"), UInt8(ascii: "I"), UInt8(ascii: "-")].contains(byte) else {
      return nil
    }
    for word in ["NaN", "Infinity", "-Infinity"]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return JSONNumber(scanned: word)
    }
    return nil
  }

  private var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private mutating func digits(of start: Int) throws(Failure) {
    guard isDigit else { throw failure("a number lacks a digit", at: start) }
    while isDigit { position += 1 }
  }
}
